"""What a person states: what a command did, what is true on the deck, where labware stands, what is fresh."""
