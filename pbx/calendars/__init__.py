"""A year of a DID or a schedule, for people: as a table, a picture, a page, and for their calendars.

All of it is pure: from :func:`pbx.calendars.year.year_of` to text. It is in the tenant's language, and every name in it
comes from files and is escaped where it is written.
"""
