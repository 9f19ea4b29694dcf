"""Applications to startups, and founders' invitations to apply."""
