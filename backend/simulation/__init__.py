"""A believable simulated platform: members with tastes, startups, and what the first do to the second.

`docs/simulation.md` states the generative model.
"""
