"""Point-in-time features of (person, startup) pairs, and the model that ranks candidates by them."""
