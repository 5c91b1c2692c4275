"""What the compiler knows about Asterisk."""
