"""Routes of the HTTP API: they translate, services decide."""
