"""Answers as responses."""

from __future__ import annotations

from http import HTTPStatus

from flask import Response
from pydantic import BaseModel

JSON = "application/json"


def answer(body: BaseModel, status: HTTPStatus = HTTPStatus.OK) -> Response:
    """A message of the contract as a response."""
    return Response(body.model_dump_json(), status=status.value, content_type=JSON)
