"""What Launchmatch is measured against: well-known methods, tuned like everything else, under the engines' contract."""
