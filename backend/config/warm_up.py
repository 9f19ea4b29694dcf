"""Does before the first visitor what would otherwise keep them waiting."""

from __future__ import annotations

import gc
from pathlib import Path

from django.template.loader import get_template
from django.template.utils import get_app_template_dirs
from django.urls import get_resolver

BACKEND = Path(__file__).resolve().parents[1]


def warm_up() -> None:
    """Import every view, compile our templates, and spare the garbage collector from looking through all that again.

    Without it, the first pages of a process take ten times as long, and a full collection, which comes every few dozen
    pages, stops all threads for as long as a page takes.
    """
    get_resolver().url_patterns  # noqa: B018 - reading them imports the views
    for folder in map(Path, get_app_template_dirs("templates")):
        if folder.parent.parent == BACKEND:
            for file in folder.rglob("*.html"):
                get_template(str(file.relative_to(folder)))
    gc.collect()
    gc.freeze()
