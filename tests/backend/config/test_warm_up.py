"""What a process does before its first visitor."""

from __future__ import annotations

import gc

import pytest
from django.template import engines

from config.warm_up import warm_up


@pytest.fixture(autouse=True)
def collected_again():
    yield
    gc.unfreeze()


def test_our_templates_are_compiled_and_what_is_there_is_left_out_of_collections():
    (loader,) = engines["django"].engine.template_loaders
    loader.reset()
    gc.unfreeze()
    warm_up()
    compiled = {str(key) for key in loader.get_template_cache}
    assert {"web/feed.html", "web/partials/card.html", "console/overview.html"} <= compiled
    assert not any(name.startswith(("admin/", "unfold/", "rest_framework/")) for name in compiled)
    assert gc.get_freeze_count() > 10_000


def test_it_can_be_done_again():
    warm_up()
    warm_up()
