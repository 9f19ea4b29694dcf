from __future__ import annotations

import json
from io import BytesIO
from wsgiref.util import setup_testing_defaults

import pytest
from django.core.wsgi import get_wsgi_application

from config.charsets import is_readable, readable_charsets_only

FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def ask(db):
    """`ask(path, content_type)`: status and body of what the whole application answers, from the server's side."""

    def send(path, content_type, method="GET"):
        path, _, query = path.partition("?")
        environ = {"PATH_INFO": path, "QUERY_STRING": query, "REQUEST_METHOD": method, "CONTENT_TYPE": content_type}
        setup_testing_defaults(environ)
        environ |= {"HTTP_HOST": "localhost", "wsgi.input": BytesIO(b"username=a"), "CONTENT_LENGTH": "10"}
        told = []
        answer = readable_charsets_only(get_wsgi_application())(environ, lambda status, headers: told.append(status))
        return int(told[0].split()[0]), b"".join(answer)

    return send


@pytest.mark.parametrize("charset", ["utf-8", "UTF-8", "us-ascii", "iso-8859-1", "windows-1252", "shift_jis"])
def test_charsets_in_which_an_address_is_itself_are_read(charset):
    assert is_readable(f"{FORM}; charset={charset}")


@pytest.mark.parametrize("content_type", ["", FORM, "application/json", "multipart/form-data; boundary=x"])
def test_no_charset_is_utf_8(content_type):
    assert is_readable(content_type)


@pytest.mark.parametrize(
    "charset", ["rot13", "base64", "zlib", "hex", "undefined", "utf-16", "utf-7", "cp037", "nothing", "a\0b", ""]
)
def test_other_codecs_are_not(charset):
    assert not is_readable(f"{FORM}; charset={charset}")
    assert not is_readable(f"{FORM}; charset*={charset}''a%41")


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_page_is_refused_in_words(ask, method):
    status, body = ask("/login/?next=/", f"{FORM}; charset=rot13", method)
    assert status == 400
    assert b"send UTF-8" in body


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_the_api_is_refused_as_a_problem(ask, method):
    status, body = ask("/api/v1/startups/?limit=3", "application/json; charset=rot13", method)
    assert status == json.loads(body)["status"] == 400


def test_what_can_be_read_is_answered(ask):
    assert ask("/login/?next=/", f"{FORM}; charset=utf-8")[0] == 200
