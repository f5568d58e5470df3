"""Pure models of what instruments do to matter over time; also used by the simulators within the bridge."""
