"""How the console spells figures."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from console.model_files.cards import Figure
from console.templatetags.console import age, badge, figure, inline, metric, number, percent, seconds


@pytest.mark.parametrize(
    ("value", "words"),
    [
        *((None, "unknown"), (0, "0 seconds"), (-3, "0 seconds"), (1, "1 second"), (59.9, "59 seconds")),
        *((60, "1 minute"), (3599, "59 minutes"), (3600, "1 hour"), (86_399, "23 hours")),
        *((86_400, "1 day"), (2e6, "23 days")),
    ],
)
def test_spans(value, words):
    assert seconds(value) == words


def test_ages():
    assert age(None) == "never"
    assert age(datetime.now(tz=UTC) - timedelta(hours=5, minutes=1)) == "5 hours"


def test_figures():
    assert (percent(0.1234), number(1234567)) == ("12.3%", "1,234,567")
    assert figure(None) == ""
    assert figure(Figure(mean=0.5, low=0.4, high=0.6)).startswith("0.5000 <span")
    assert (metric({"map@10": 0.25}, "map@10"), metric({}, "map@10")) == ("0.2500", "")
    assert (badge("lost"), badge("half_open"), badge("active"), badge("new")) == (
        "badge-bad",
        "badge-warn",
        "badge-good",
        "",
    )


def test_code_in_a_line_and_nothing_else():
    assert inline("a `<b>` & <i>") == "a <code>&lt;b&gt;</code> &amp; &lt;i&gt;"
    assert inline("plain") == "plain"
