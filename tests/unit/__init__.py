"""Tests without Asterisk."""
