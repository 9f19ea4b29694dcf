"""The informed reader: the best ranking that knows the simulator's formulas, but of each person only what is recorded.

It samples everybody's tastes and every startup's appeal from their posterior, given what people told at onboarding and
in their bios and what they did before a moment, and ranks by the mean of the expected label over these samples.
"""
