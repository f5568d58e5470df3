"""Methods of backends that stand for one write at the wire of the instrument each."""

# The lowest; a backend without any counts whole calls instead.
LOW_WIRE_METHODS = ("_write_and_read_command", "send_raw_command")
WIRE_METHODS = ("send_command",)
