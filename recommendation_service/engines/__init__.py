"""Pure recommending: features, towers, losses, evaluation, ranking. No web, no SQL."""
