from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from recommendation_service.engines.config_json import override, read_json_object, to_dict, unknown_name
from recommendation_service.engines.errors import ConfigError


@dataclass(frozen=True, kw_only=True)
class Inner:
    rate: float = 0.5
    widths: tuple[int, ...] = (3, 2)


@dataclass(frozen=True, kw_only=True)
class Outer:
    name: str = "a"
    count: int = 1
    wanted: bool = False
    limit: float | None = None
    inner: Inner = Inner()


def test_round_trip_through_json() -> None:
    config = Outer(name="b", count=7, wanted=True, limit=2.5, inner=Inner(rate=0.1, widths=(9,)))
    assert override(Outer(), json.loads(json.dumps(to_dict(config)))) == config


def test_what_is_not_named_stays() -> None:
    changed = override(Outer(count=5), {"inner": {"rate": 1}})
    assert changed == Outer(count=5, inner=Inner(rate=1.0))
    assert isinstance(changed.inner.rate, float)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"coutn": 1}, "unknown configuration key 'coutn'; did you mean 'count'?"),
        ({"inner": {"rat": 1}}, "unknown configuration key 'inner.rat'; did you mean 'rate'?"),
        ({"zzz": 1}, "unknown configuration key 'zzz'; known: count, inner, limit, name, wanted"),
        ({"count": "3"}, "count must be a whole number, got '3'"),
        ({"count": 1.5}, "count must be a whole number, got 1.5"),
        ({"count": True}, "count must be a whole number, got True"),
        ({"wanted": 1}, "wanted must be true or false, got 1"),
        ({"name": None}, "name must be text, got None"),
        ({"limit": "x"}, "limit must be a number, got 'x'"),
        ({"inner": 3}, "inner must be an object, got 3"),
        ({"inner": {"widths": 3}}, "inner.widths must be a list, got 3"),
        ({"inner": {"widths": [1, "2"]}}, "inner.widths must be a whole number, got '2'"),
    ],
)
def test_a_wrong_key_or_value_is_named(changes: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        override(Outer(), changes)
    assert str(caught.value) == message


def test_null_where_it_may_be() -> None:
    assert override(Outer(limit=1.0), {"limit": None}) == Outer()


def test_unknown_name_without_a_close_match_lists_all() -> None:
    assert unknown_name("loss", "qqq", "qqq", ["b", "a"]) == "unknown loss 'qqq'; known: a, b"


@pytest.mark.parametrize(
    ("content", "message"),
    [("{", "cannot read"), ("[1]", "must hold a JSON object, not list"), ("\xff", "cannot read")],
)
def test_a_file_that_is_no_json_object(tmp_path: Path, content: str, message: str) -> None:
    file = tmp_path / "config.json"
    file.write_text(content, encoding="latin-1")
    with pytest.raises(ConfigError, match=message):
        read_json_object(file)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"there is no configuration file .*nope\.json"):
        read_json_object(tmp_path / "nope.json")
