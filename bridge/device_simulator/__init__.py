"""Physical truth for tests: simulated instruments in a process of their own, with a synced tape of every act."""
