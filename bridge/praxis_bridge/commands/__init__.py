"""Commands under way: how one waits, runs, ends, is repeated, and what is told of it."""
