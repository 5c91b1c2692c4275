"""Tests with a real Asterisk."""
