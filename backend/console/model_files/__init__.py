"""Reads what the recommendation service leaves in the folder of its models."""
