"""Crunchbase's export of October 2013, as published."""
