"""Believing the lab: one thing in a compiled bundle is changed, and some row of the matrix must turn red."""
