from __future__ import annotations

import pytest
from django.forms import Form

from web.text_fields import LinesField


class Letter(Form):
    text = LinesField(rows=3, max_length=5)


def test_the_end_of_a_line_is_one_character_as_the_browser_counts():
    form = Letter({"text": "ab\r\ncd"})
    assert form.is_valid()
    assert form.cleaned_data["text"] == "ab\ncd"
    assert not Letter({"text": "ab\r\ncde"}).is_valid()
    assert Letter({}).is_valid()


@pytest.mark.parametrize(
    ("address", "field", "length", "others"),
    [
        ("/startups/{startup}/apply/", "letter", 5000, {}),
        ("/startups/{startup}/report/", "text", 2000, {"reason": "spam"}),
        ("/profile/", "bio", 5000, {"role": "student"}),
    ],
)
def test_a_text_that_fits_the_box_is_taken(web, startup, service_down, address, field, length, others):
    text = "\n".join(["x" * 9] * (length // 10)) + "x"
    sent = {**others, field: text.replace("\n", "\r\n")}
    assert (len(text), web.post(address.format(startup=startup.pk), sent).status_code) == (length, 302)
