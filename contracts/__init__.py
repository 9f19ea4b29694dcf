"""Facts both houses agree on: interaction policy, dataset files, the service API. Pure Python and pydantic."""
