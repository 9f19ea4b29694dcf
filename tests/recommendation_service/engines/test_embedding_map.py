from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from recommendation_service.engines.embedding_map import frequent_names, plot_embedding_map, principal_plane


def vectors(rows: int = 50) -> np.ndarray:
    spread = np.array([3, 2, 1, 1, 1, 0.5], dtype=np.float32)
    return np.random.default_rng(0).normal(size=(rows, 6)).astype(np.float32) * spread


def test_the_plane_is_that_of_the_singular_value_decomposition() -> None:
    """Up to the sign of an axis, coordinates are U * S of the centred matrix, and shares are S squared."""
    given = vectors()
    left, singular, _ = np.linalg.svd(given.astype(np.float64) - given.mean(axis=0, dtype=np.float64))
    points, shares = principal_plane(given)
    np.testing.assert_allclose(np.abs(points), np.abs(left[:, :2] * singular[:2]), rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(shares, singular[:2] ** 2 / (singular**2).sum(), rtol=1e-6)
    assert (np.take_along_axis(points, np.abs(points).argmax(axis=0)[None], axis=0) > 0).all()


def test_distances_are_never_longer_than_they_are() -> None:
    given = vectors()
    points, _ = principal_plane(given)
    shown = np.linalg.norm(points[:, None] - points[None], axis=2)
    true = np.linalg.norm(given[:, None] - given[None], axis=2)
    assert (shown <= true + 1e-4).all()


def test_equal_vectors_have_a_map_too(tmp_path: Path) -> None:
    plot_embedding_map(np.ones((3, 4), dtype=np.float32), ["a", "", "a"], tmp_path / "map.png")
    assert (tmp_path / "map.png").read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"


def test_vectors_of_one_number_lie_on_a_line(tmp_path: Path) -> None:
    points, shares = principal_plane(vectors()[:, :1])
    np.testing.assert_allclose(points[:, 1], 0)
    assert shares == pytest.approx((1.0, 0.0))
    plot_embedding_map(vectors()[:, :1], ["a"] * 50, tmp_path / "map.png")
    assert (tmp_path / "map.png").exists()


@pytest.mark.parametrize(
    "name", ["pay $\\frac$ now", "$^$", "_private"], ids=["formula", "broken formula", "underscore"]
)
def test_a_category_is_never_read_as_a_formula_or_left_out(name: str, tmp_path: Path) -> None:
    plot_embedding_map(vectors(), [name] * 50, tmp_path / "map.png")
    assert (tmp_path / "map.png").exists()


def test_the_most_frequent_names_get_a_colour() -> None:
    names = ["b", "a", "", "b"] + [f"rare {n}" for n in range(20)]
    assert frequent_names(names)[:3] == ["b", "a", "rare 0"]
    assert len(frequent_names(names)) == 9


def test_many_startups_and_categories_are_drawn(tmp_path: Path) -> None:
    plot_embedding_map(vectors(6000), [f"category {row % 15}" for row in range(6000)], tmp_path / "map.png")
    assert (tmp_path / "map.png").stat().st_size > 10_000
