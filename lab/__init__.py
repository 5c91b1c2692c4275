"""The laboratory: real Asterisk, simulated phones and carriers, real SIP calls, a report."""
