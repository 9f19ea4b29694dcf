"""Startups, their positions and funding rounds."""
