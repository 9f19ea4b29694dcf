from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("address", "field", "length", "others"),
    [
        ("/startups/{startup}/apply/", "letter", 5000, {}),
        ("/startups/{startup}/report/", "text", 2000, {"reason": "spam"}),
        ("/profile/", "bio", 5000, {"role": "student"}),
        ("/founders/startups/{startup}/edit/", "description", 20000, {"title": "Ledgerleaf", "type": "collaboration"}),
        ("/founders/startups/{startup}/positions/", "requirements", 5000, {"title": "Engineer"}),
    ],
)
def test_a_text_that_fits_the_box_is_taken(web, member, make_startup, service_down, address, field, length, others):
    startup = make_startup(owner=member if "founders" in address else None)
    text = "\n".join(["x" * 9] * (length // 10)) + "x"
    sent = {**others, field: text.replace("\n", "\r\n")}
    assert (len(text), web.post(address.format(startup=startup.pk), sent).status_code) == (length, 302)
