"""Names of members and startups."""

from __future__ import annotations

from itertools import product

import numpy as np

from simulation.draws import sample

_GIVEN = (
    *("Ada", "Amara", "Anders", "Aisha", "Ben", "Bruno", "Carla", "Chen", "Dalia", "David", "Elif", "Emma"),
    *("Farid", "Freya", "Gabriel", "Grace", "Hana", "Hugo", "Ines", "Ivan", "Jonas", "Julia", "Kai", "Kavya"),
    *("Leila", "Liam", "Maja", "Mateo", "Mina", "Nadia", "Noah", "Olga", "Omar", "Priya", "Quentin", "Rosa"),
    *("Samir", "Sofia", "Tariq", "Tessa", "Uma", "Viktor", "Wanda", "Xavier", "Yara", "Yusuf", "Zara", "Zoe"),
)
_FAMILY = (
    *("Abe", "Andersson", "Bakker", "Bauer", "Castillo", "Chowdhury", "Costa", "Dubois", "Eriksen", "Fischer"),
    *("Garcia", "Haddad", "Ivanova", "Jensen", "Kaya", "Kim", "Kumar", "Lehmann", "Levi", "Lindqvist"),
    *("Mensah", "Moreau", "Nakamura", "Novak", "Okafor", "Patel", "Petrov", "Quinn", "Rossi", "Saar"),
    *("Schmidt", "Silva", "Tamm", "Tanaka", "Usman", "Vega", "Weber", "Wong", "Yilmaz", "Zhang"),
)
_FIRST_HALVES = (
    *("Amber", "Arc", "Blue", "Bright", "Cedar", "Clear", "Cobalt", "Copper", "Delta", "Drift", "Echo", "Ember"),
    *("Fern", "Flint", "Harbor", "Hazel", "Ion", "Iris", "Juniper", "Kite", "Lumen", "Maple", "Meridian", "Mosaic"),
    *("Nimbus", "North", "Onyx", "Orbit", "Pine", "Pixel", "Quartz", "Quill", "River", "Sage", "Signal", "Spruce"),
    *("Stellar", "Tide", "Umber", "Vale", "Velvet", "Vivid", "Willow", "Zephyr"),
)
_SECOND_HALVES = (
    *("base", "bay", "beam", "bridge", "craft", "cross", "dock", "field", "flow", "forge", "gate", "grid"),
    *("hive", "lane", "leaf", "line", "link", "loop", "mark", "mill", "nest", "path", "point", "port"),
    *("shift", "spark", "stack", "stone", "stream", "ware", "wave", "works", "yard"),
)
_ENDINGS = ("", " Labs", " Works", " Collective", " Systems", " Studio", " Group", " One")


def member_names(count: int, rng: np.random.Generator) -> list[str]:
    """`count` full names; namesakes exist, as they do among people."""
    given, family = rng.integers(len(_GIVEN), size=count), rng.integers(len(_FAMILY), size=count)
    return [f"{_GIVEN[first]} {_FAMILY[last]}" for first, last in zip(given.tolist(), family.tolist(), strict=True)]


def startup_names(count: int, rng: np.random.Generator) -> list[str]:
    """`count` names, distinct as long as there are enough of them (about 11,000), plain ones first."""
    names: list[str] = []
    stems = [first + second for first, second in product(_FIRST_HALVES, _SECOND_HALVES)]
    while len(names) < count:
        ending = _ENDINGS[(len(names) // len(stems)) % len(_ENDINGS)]
        names += [stem + ending for stem in sample(stems, len(stems), rng)]
    return names[:count]
