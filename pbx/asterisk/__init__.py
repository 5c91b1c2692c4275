"""What Asterisk is told, and how: names, safe text, limits, views."""
