"""Differential proof: what ``pbx trace`` foretells against what real Asterisk does, over calls that nobody wrote."""
