"""Writes the dataset files that the recommendation service learns from (`contracts.dataset`)."""
