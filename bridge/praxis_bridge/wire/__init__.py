"""What crosses the wire: JSON as it is read and written, requests as they are checked, refusals with their codes."""
