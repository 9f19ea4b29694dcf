from __future__ import annotations

import pytest


@pytest.fixture
def founder(make_user):
    return make_user(name="Fina Founder", role="entrepreneur")


@pytest.fixture
def venture(make_startup, founder):
    """The founder's startup, open, with one position."""
    return make_startup(title="Solar Roofs", owner=founder, positions=["Engineer"])
