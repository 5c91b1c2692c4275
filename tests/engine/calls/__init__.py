"""Call tests, one file for each feature, written with the fixture ``lab``."""
