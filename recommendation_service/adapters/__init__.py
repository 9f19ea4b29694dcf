"""Neighbours outside the process: the database, files. Adapters never import routes."""
