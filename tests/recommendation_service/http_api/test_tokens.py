"""Tokens against forgeries, most of them made by hand with nothing but the standard library."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from contracts.access import AUDIENCE, ISSUER, SUBJECT_OF_PLATFORM, Scope
from recommendation_service.http_api.tokens import InvalidTokenError, TokenVerifier, sign_token

OLD, NEW = "an-old-key-of-forty-characters-or-more-01", "a-new-key-of-forty-characters-or-more-02"
KEYS = {"new": NEW, "old": OLD}
USER = str(uuid4())


def part(value: Any) -> str:
    text = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


def forge(header: Any = None, claims: Any = None, *, key: str = NEW, **changed: Any) -> str:
    """A token by hand (RFC 7515): whole unless told otherwise; a claim changed to None is left out."""
    now = int(time.time())
    whole = {"iss": ISSUER, "aud": AUDIENCE, "sub": USER, "iat": now, "exp": now + 60, "scope": "member", **changed}
    body = claims if claims is not None else {name: value for name, value in whole.items() if value is not None}
    signed = f"{part(header or {'alg': 'HS256', 'typ': 'JWT', 'kid': 'new'})}.{part(body)}"
    signature = hmac.new(key.encode(), signed.encode(), hashlib.sha256).digest()
    return f"{signed}.{part(signature)}"


@pytest.fixture
def verifier() -> TokenVerifier:
    return TokenVerifier(KEYS)


def test_a_token_made_by_hand_is_known(verifier: TokenVerifier) -> None:
    bearer = verifier.verify(forge())
    assert (bearer.scope, bearer.subject, str(bearer.user_id)) == (Scope.MEMBER, USER, USER)


def test_signing_uses_the_first_key_and_every_key_is_accepted(verifier: TokenVerifier) -> None:
    token = sign_token(KEYS, Scope.OPERATOR, USER, timedelta(minutes=1))
    assert verifier.verify(token).scope is Scope.OPERATOR
    assert TokenVerifier({"new": NEW}).verify(token).subject == USER
    assert verifier.verify(forge({"alg": "HS256", "kid": "old"}, key=OLD)).subject == USER


def test_a_key_that_was_taken_out_opens_nothing() -> None:
    token = forge({"alg": "HS256", "kid": "old"}, key=OLD)
    with pytest.raises(InvalidTokenError, match="names no key"):
        TokenVerifier({"new": NEW}).verify(token)


def test_the_platform_speaks_for_nobody(verifier: TokenVerifier) -> None:
    bearer = verifier.verify(forge(scope="platform", sub=SUBJECT_OF_PLATFORM))
    assert (bearer.scope, bearer.user_id) == (Scope.PLATFORM, None)


def test_clocks_may_differ_a_little(verifier: TokenVerifier) -> None:
    now = int(time.time())
    assert verifier.verify(forge(iat=now + 5, exp=now + 65))
    assert verifier.verify(forge(iat=now - 65, exp=now - 5))


def flipped(token: str) -> str:
    head, body, signature = token.split(".")
    return f"{head}.{body}.{'A' if signature[0] != 'A' else 'B'}{signature[1:]}"


def unsigned() -> str:
    head, body, _ = forge({"alg": "none", "kid": "new"}).split(".")
    return f"{head}.{body}."


def body_changed() -> str:
    head, _, signature = forge().split(".")
    return f"{head}.{forge(scope='operator').split('.')[1]}.{signature}"


def refused_tokens() -> dict[str, tuple[str, str]]:
    """Signed when a test runs: minutes may pass between collection and then."""
    now = int(time.time())
    return {
        "nothing": ("", "malformed"),
        "three dots": ("...", "malformed"),
        "not base64": ("é.é.é", "malformed"),
        "no JSON": (f"{part(b'{')}.x.y", "malformed"),
        "a header that is a list": (forge([1]), "malformed"),
        "a header nested 180 deep": (f"{part(b'[' * 180)}.x.y", "malformed"),
        "a header nested without end": (f"{part(b'[' * 50_000)}.x.y", "too long"),
        "a signature changed": (flipped(forge()), "signature"),
        "a body changed": (body_changed(), "signature"),
        "another's key": (forge(key="somebody-elses-key-of-forty-characters-xx"), "signature"),
        "no signature": (unsigned(), "HS256"),
        "another algorithm": (forge({"alg": "HS512", "kid": "new"}), "HS256"),
        "no key id": (forge({"alg": "HS256"}), "names no key"),
        "a key id that is a path": (forge({"alg": "HS256", "kid": "../../etc/passwd"}), "names no key"),
        "a key id that is a list": (forge({"alg": "HS256", "kid": ["new"]}), "malformed"),
        "an unknown key id": (forge({"alg": "HS256", "kid": "2019"}), "names no key"),
        "expired": (forge(iat=now - 200, exp=now - 100), "expired"),
        "from the future": (forge(iat=now + 1000, exp=now + 1060), "from the future"),
        "another audience": (forge(aud="somebody-else"), "audience"),
        "another issuer": (forge(iss="somebody-else"), "not issued by"),
        "no expiry": (forge(exp=None), "lacks one of the claims"),
        "no moment of issue": (forge(iat=None), "lacks one of the claims"),
        "no subject": (forge(sub=None), "lacks one of the claims"),
        "no scope": (forge(scope=None), "lacks one of the claims"),
        "an unknown scope": (forge(scope="emperor"), "not one that this service knows"),
        "a scope that is a list": (forge(scope=["operator"]), "not one that this service knows"),
        "a subject that is no id": (forge(sub="../users"), "not one that this service knows"),
        "an endless expiry": (forge(exp=float("inf")), "malformed"),
        "an expiry that is text": (forge(exp="soon"), "malformed"),
        "claims that are a list": (forge(claims=[1]), "malformed"),
        "claims nested deep": (forge(claims=b"[" * 1000), "malformed"),
    }


@pytest.mark.parametrize("what", refused_tokens())
def test_what_is_not_a_whole_token_of_ours_is_refused_with_the_reason(verifier: TokenVerifier, what: str) -> None:
    token, why = refused_tokens()[what]
    with pytest.raises(InvalidTokenError, match=why) as refused:
        verifier.verify(token)
    assert not any(secret in str(refused.value) for secret in (OLD, NEW, USER))


def test_a_verified_token_is_remembered_no_longer_than_it_lives(
    verifier: TokenVerifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = int(time.time())
    token = forge(iat=now, exp=now + 60)
    first = verifier.verify(token)
    assert verifier.verify(token) is first
    monkeypatch.setattr("recommendation_service.http_api.tokens.time", lambda: now + 61)
    assert verifier.verify(token) is not first


def test_what_is_remembered_is_bounded(verifier: TokenVerifier, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("recommendation_service.http_api.tokens.MAX_REMEMBERED", 2)
    tokens = [forge(sub=str(uuid4())) for _ in range(3)]
    first = verifier.verify(tokens[0])
    for token in tokens[1:]:
        verifier.verify(token)
    assert verifier.verify(tokens[0]) is not first


@pytest.mark.parametrize(
    ("keys", "why"),
    [({}, "at least one key"), ({"new": "short"}, "has 5 bytes; at least 32"), ({"": NEW}, "needs an id")],
)
def test_keys_that_protect_nothing_are_refused(keys: dict[str, str], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        TokenVerifier(keys)
