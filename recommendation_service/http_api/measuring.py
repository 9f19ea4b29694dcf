"""Measures every request: how long its endpoint took and what it answered."""

from __future__ import annotations

from time import perf_counter

from flask import Flask, Response, g, request

from recommendation_service.services.statistics import ServiceStatistics

NO_ENDPOINT = "none"
"""The name under which requests for addresses that do not exist are counted; the addresses would be without end."""


def register_measuring(app: Flask, statistics: ServiceStatistics) -> None:
    """Measure from the first hook to the last; call it first of all registrations."""

    def begin() -> None:
        g.begun = perf_counter()

    def end(response: Response) -> Response:
        endpoint = (request.endpoint or NO_ENDPOINT).rpartition(".")[2]
        statistics.count_response(endpoint, response.status_code, perf_counter() - g.begun)
        return response

    app.before_request(begin)
    app.after_request(end)
