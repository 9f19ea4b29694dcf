from __future__ import annotations

import pytest

from imports.crunchbase.texts import company_description, investor_bio, readable_name


@pytest.mark.parametrize(
    ("published", "meant"),
    [
        ("VoaltÃ©", "Voalté"),
        ("InsideAxisâ„¢", "InsideAxis™"),
        ("Condé Nast", "Condé Nast"),
        ("Estée Lauder", "Estée Lauder"),
        ("O\u2019Reilly", "O\u2019Reilly"),
        ("#waywire", "#waywire"),
    ],
)
def test_doubly_encoded_names_are_repaired_and_others_kept(published: str, meant: str) -> None:
    assert readable_name(published, "/company/x") == meant


@pytest.mark.parametrize("lost", ["", "#NAME?"])
def test_a_lost_name_comes_from_the_permalink(lost: str) -> None:
    assert readable_name(lost, "/company/big-sur-labs") == "Big Sur Labs"


def test_a_place_named_twice_is_said_once() -> None:
    text = investor_bio("Alma", "/person/alma", ("New York", "New York", "NY", "USA"))
    assert text == "Alma is an individual investor in New York, NY, USA."


@pytest.mark.parametrize(
    ("category", "text"),
    [
        ("", "Alma is a company in Malmö."),
        ("other", "Alma is a company in Malmö."),
        ("education", "Alma is an education company in Malmö."),
        ("web", "Alma is a web company in Malmö."),
    ],
)
def test_a_description_says_the_category(category: str, text: str) -> None:
    assert company_description("Alma", category, ("Malmö", "", "", "")) == text


def test_a_description_without_place_ends_there() -> None:
    assert company_description("Alma", "web", ("", "", "", "")) == "Alma is a web company."
