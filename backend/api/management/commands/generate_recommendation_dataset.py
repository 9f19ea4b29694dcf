"""`manage.py generate_recommendation_dataset`: what people did, without sampled negatives.

The same four files as `generate_two_tower_dataset` writes. Content-based and popularity engines learn from what people
did, and evaluation ranks the full catalogue, so neither needs sampled negatives.
"""

from __future__ import annotations

from typing import Any

from recommendations.datasets.command import DatasetCommand


class Command(DatasetCommand):
    """Thin door to `recommendations.datasets`."""

    help = "Write what people did, without sampled negatives, for content-based and popularity engines and evaluation."
    name_prefix = "recommendation"
    generator = "generate_recommendation_dataset"

    def sampling(self, options: dict[str, Any]) -> dict[str, Any]:
        """None are drawn."""
        del options
        return {"negatives_per_positive": 0}
