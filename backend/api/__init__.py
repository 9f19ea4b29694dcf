"""The REST API and the management commands."""
