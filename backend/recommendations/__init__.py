"""Text embeddings, datasets, and the client of the recommendation service."""
