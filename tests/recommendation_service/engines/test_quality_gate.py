from __future__ import annotations

import pytest

from recommendation_service.engines.bootstrap import Interval
from recommendation_service.engines.card_findings import known_limits
from recommendation_service.engines.evaluation_report import EvaluationReport, SegmentReport
from recommendation_service.engines.quality_gate import Verdict, pass_verdict


def segment(name: str, low: float, high: float, *, users: int = 100, against: str = "popularity") -> SegmentReport:
    """A segment in which the model minus an engine lies between `low` and `high`."""
    difference = Interval(mean=(low + high) / 2, low=low, high=high)
    return SegmentReport(
        name=name, users=users, catalogue_size=50, engines={}, differences={against: {"ndcg@10": difference}}
    )


def report(*segments: SegmentReport) -> EvaluationReport:
    return EvaluationReport(
        primary="two_tower",
        window_start="2025-03-15T00:00:00+00:00",
        window_end=None,
        catalogue_policy="listed",
        catalogue_rule="open in the window",
        catalogue_size=50,
        users=100,
        relevant_pairs=300,
        label_above=0.0,
        ks=(10,),
        confidence=0.95,
        resamples=1000,
        left_out={},
        coverage={},
        exposure={},
        new_share_of_catalogue=0.0,
        calibration={},
        segments=segments,
        data={},
    )


def verdict(*segments: SegmentReport) -> Verdict:
    return pass_verdict(report(*segments), metric="ndcg@10")


def test_better_than_popularity_passes_in_silence() -> None:
    assert verdict(segment("all", 0.01, 0.03)) == Verdict()


def test_worse_than_popularity_is_refused_with_the_figures() -> None:
    refused = verdict(segment("all", -0.03, -0.01)).refused
    assert refused is not None
    assert "worse than popularity: validation ndcg@10" in refused
    assert "-0.0200 (95% paired interval -0.0300 .. -0.0100, 100 people)" in refused


@pytest.mark.parametrize(("low", "high"), [(-0.01, 0.02), (-0.02, 0.0), (0.0, 0.02)])
def test_what_chance_may_explain_is_a_warning(low: float, high: float) -> None:
    found = verdict(segment("all", low, high))
    assert found.refused is None
    assert found.warning is not None
    assert "not shown to be better than popularity" in found.warning


def test_a_few_people_are_not_enough_to_refuse() -> None:
    assert verdict(segment("all", -0.03, -0.01, users=29)).refused is None
    assert verdict(segment("all", -0.03, -0.01, users=30)).refused is not None


def test_people_without_history_decide_where_nobody_has_any() -> None:
    assert verdict(segment("no_history", -0.03, -0.01)).refused is not None
    assert verdict(segment("all", 0.01, 0.02), segment("no_history", -0.03, -0.01)) == Verdict()


def test_nobody_to_ask_is_a_warning() -> None:
    assert verdict().warning is not None


def test_limits_name_who_loses_to_what() -> None:
    limits = known_limits(
        report(
            segment("all", 0.01, 0.02),
            segment("activity=cold", -0.02, -0.01, against="content_based"),
            segment("activity=hot", -0.01, 0.01, against="als"),
            segment("role=investor", 0.01, 0.02, users=7),
        )
    )
    assert limits == [
        "`activity=cold`: two_tower loses to content_based (-0.0150, -0.0200 .. -0.0100) in ndcg@10, beyond chance.",
        "`activity=hot`: two_tower is not shown to be better than als.",
        "`role=investor`: only 7 people were judged; its figures say little.",
    ]
