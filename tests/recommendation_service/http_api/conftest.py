"""The application over the synthetic platform, without a server and without learned models."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from recommendation_service.app import build_app
from recommendation_service.services.ports import NoModels
from recommendation_service.services.recommendation_service import RecommendationService


@pytest.fixture
def service(fake_database: Any) -> RecommendationService:
    return RecommendationService(fake_database, models=NoModels())


@pytest.fixture
def client(service: RecommendationService) -> FlaskClient:
    return build_app(service).test_client()


@pytest.fixture
def user_id(fake_database: Any) -> str:
    return str(next(iter(fake_database.users)))


@pytest.fixture
def startup_id(fake_database: Any) -> str:
    return str(fake_database.startups[0].id)
