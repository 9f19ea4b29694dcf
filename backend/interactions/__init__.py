"""What people do to startups: an append-only log."""
