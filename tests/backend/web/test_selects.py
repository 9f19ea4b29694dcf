"""A select that is cheap to draw says what Django's own says."""

from __future__ import annotations

import pytest
from django import forms
from django.test.html import parse_html
from django.utils.safestring import mark_safe

from web.selects import PlainSelect

CHOICES = [("", "Any"), ("seed", "Seed"), ("a&b", "<A & B>"), (7, "Seven"), ("safe", mark_safe("<b>7</b>"))]


@pytest.mark.parametrize("value", [None, "", "seed", "a&b", 7, "7", "unknown"])
@pytest.mark.parametrize("attrs", [None, {"id": "id_stage", "required": True, "title": '"x"', "disabled": False}])
def test_it_draws_what_djangos_select_draws(value, attrs):
    plain, django = (select(choices=CHOICES, attrs={"class": "wide"}) for select in (PlainSelect, forms.Select))
    assert parse_html(plain.render("stage", value, attrs)) == parse_html(django.render("stage", value, attrs))


def test_it_stands_in_a_form():
    class Form(forms.Form):
        stage = forms.ChoiceField(choices=CHOICES, required=False, widget=PlainSelect)

    assert '<option value="seed" selected>Seed</option>' in str(Form({"stage": "seed"})["stage"])
    assert not Form({"stage": "unknown"}).is_valid()
