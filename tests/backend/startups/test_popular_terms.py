from __future__ import annotations

from datetime import UTC, datetime

from contracts.taxonomy import CATEGORIES, SKILLS
from startups.popular_terms import terms_offered


def test_what_open_startups_use_comes_first(make_startup):
    for category, field, tags in [
        ("games", "esports", ["indie", "b2c"]),
        ("games", "esports", ["indie"]),
        ("fintech", "payments", ["b2b"]),
    ]:
        make_startup(category=category, field=field, tags=tags, stages=["seed"])
    make_startup(category="closed-things", status="closed")
    offered = terms_offered()
    assert offered.categories[:2] == ("games", "fintech")
    assert offered.fields[:2] == ("esports", "payments")
    assert offered.tags[0] == "indie"
    assert offered.stages == ("seed",)
    assert "closed-things" not in offered.categories


def test_the_fields_and_tags_of_what_was_picked_come_before_more_frequent_ones(make_startup):
    for _ in range(3):
        make_startup(category="games", field="esports", tags=["indie"])
    make_startup(category="fintech", field="payments", tags=["b2b"])
    offered = terms_offered(categories=["fintech"])
    assert offered.fields[:2] == ("payments", "esports")
    assert offered.tags[:2] == ("b2b", "indie")


def test_ties_are_in_the_order_of_the_alphabet(make_startup):
    for tag in ("beta", "alpha"):
        make_startup(tags=[tag])
    assert terms_offered().tags[:2] == ("alpha", "beta")


def test_an_empty_platform_offers_its_own_vocabulary(db):
    offered = terms_offered()
    assert set(offered.categories) <= set(CATEGORIES)
    assert set(offered.skills) == set(SKILLS)
    assert offered.stages[:2] == ("pre-seed", "seed")
    assert all([offered.fields, offered.tags])


def test_stages_go_from_early_to_late(make_startup):
    for stage in ("growth", "growth", "seed", "bridge"):
        make_startup(stages=[stage])
    assert terms_offered().stages == ("seed", "growth", "bridge")


def test_skills_are_counted_where_positions_name_them(make_startup):
    startup = make_startup()
    for requirements in ("We use Go and SQL.", "SQL every day", "Google Docs, algorithms"):
        startup.positions.create(title="Engineer", requirements=requirements)
    assert terms_offered().skills[:2] == ("sql", "go")


def test_at_most_so_many(make_startup):
    for n in range(30):
        make_startup(tags=[f"tag-{n}"])
    assert len(terms_offered().tags) == 24
    assert len(terms_offered(limit=3).tags) == 3


def test_only_the_newest_count(make_startup, monkeypatch):
    monkeypatch.setattr("startups.popular_terms.COUNTED_STARTUPS", 1)
    old = make_startup(category="games", opened_at=datetime(2020, 1, 1, tzinfo=UTC), positions=["Engineer"])
    old.positions.update(requirements="SQL")
    make_startup(category="fintech")
    assert terms_offered().categories[0] == "fintech"
    assert terms_offered().skills[0] == SKILLS[0]
