"""Nearest startups by dot product: one interface, exact in memory, approximate in memory, or in a store."""
