"""The limit of any Flask service: an application that answers one fixed body from memory, under the same server."""

from __future__ import annotations

import os
from pathlib import Path

from flask import Flask, Response


def create_app() -> Flask:
    """Answers the content of the file BARE_FLASK_BODY to everything."""
    body = Path(os.environ["BARE_FLASK_BODY"]).read_bytes()
    app = Flask("bare_flask", static_folder=None)

    @app.get("/<path:_address>")
    def answer(_address: str) -> Response:
        return Response(body, content_type="application/json")

    return app
