"""Tests with a real Docker daemon."""
