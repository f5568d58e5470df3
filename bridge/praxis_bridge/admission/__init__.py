"""What lets a command begin or refuses it: the journal known, nothing stopped, the fence fresh, the run not held."""
