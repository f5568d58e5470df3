"""Drivers: the only place that knows PyLabRobot's front ends and backends."""
