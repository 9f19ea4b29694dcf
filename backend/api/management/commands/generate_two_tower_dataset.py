"""`manage.py generate_two_tower_dataset`: labelled pairs with sampled negatives, for training."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from recommendations.datasets.command import DatasetCommand
from recommendations.datasets.request import NegativeStrategy


class Command(DatasetCommand):
    """Thin door to `recommendations.datasets`."""

    help = "Write the dataset that the two-tower model is trained on."
    name_prefix = "two_tower"
    generator = "generate_two_tower_dataset"

    def add_arguments(self, parser: CommandParser) -> None:
        """Take how negatives are drawn, too."""
        super().add_arguments(parser)
        parser.add_argument("--negative-samples", type=int, default=2, metavar="N", help="per positive; default 2")
        parser.add_argument(
            "--negatives",
            choices=[strategy.value for strategy in NegativeStrategy],
            default=NegativeStrategy.UNIFORM.value,
            help="how they are drawn; default uniform",
        )
        parser.add_argument("--seed", type=int, default=0, metavar="S", help="of their drawing; default 0")

    def sampling(self, options: dict[str, Any]) -> dict[str, Any]:
        """As the options say."""
        return {
            "negatives_per_positive": options["negative_samples"],
            "strategy": NegativeStrategy(options["negatives"]),
            "seed": options["seed"],
        }
