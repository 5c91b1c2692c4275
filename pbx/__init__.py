"""The compiler: one YAML file per customer in, Asterisk configuration out."""

__version__ = "0.1.0"
