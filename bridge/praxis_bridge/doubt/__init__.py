"""What is known where nobody knows what a command did: sensors, what it would have made true, what a person must look at."""
