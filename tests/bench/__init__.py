"""How fast the compiler is, and how much memory it takes: `make bench`. Claims about speed live here, not in tests."""
