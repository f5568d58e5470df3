"""The process: its sockets, who may speak, and the methods of the wire."""
