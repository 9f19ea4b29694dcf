from __future__ import annotations

from django.forms import Form

from config.text_fields import LinesField


class Letter(Form):
    text = LinesField(rows=3, max_length=5)


def test_the_end_of_a_line_is_one_character_as_the_browser_counts():
    form = Letter({"text": "ab\r\ncd"})
    assert form.is_valid()
    assert form.cleaned_data["text"] == "ab\ncd"
    assert not Letter({"text": "ab\r\ncde"}).is_valid()
    assert Letter({}).is_valid()
