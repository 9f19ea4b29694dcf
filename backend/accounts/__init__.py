"""People: users, profiles, onboarding preferences."""
