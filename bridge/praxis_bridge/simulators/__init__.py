"""Simulators that ship with the bridge, for tests and for machines that PyLabRobot leaves without one."""
