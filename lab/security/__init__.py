"""Attacks on the PBX under test, which must all fail, and leave no trace but in the log."""
