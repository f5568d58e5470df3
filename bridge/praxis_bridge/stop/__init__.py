"""How what runs is stopped."""
