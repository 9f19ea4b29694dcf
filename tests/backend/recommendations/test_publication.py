from __future__ import annotations

import json

import pytest
from django.db import transaction

from contracts.api import RefreshAccepted
from recommendations.data_errors import EncoderError
from recommendations.models import StartupEmbedding, UserEmbedding
from recommendations.publication import WORKER, member_publish, startup_publish

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _publishing(settings):
    settings.PUBLISH_CHANGES = True
    settings.ENVIRONMENT = settings.ENVIRONMENT.model_copy(update={"text_encoder": "hashing"})


@pytest.fixture
def listening(service):
    service.answers(RefreshAccepted())
    return service


def test_a_startup_is_embedded_and_the_service_told_before_and_after(startup, listening):
    startup_publish(startup_id=startup.pk)
    WORKER.drain()
    assert StartupEmbedding.objects.get().startup_id == startup.pk
    assert listening.paths == ["/v1/refresh"] * 2
    assert [json.loads(body)["startup_ids"] for body in listening.bodies] == [[str(startup.pk)]] * 2


def test_nothing_new_to_embed_is_told_once(startup, listening):
    startup_publish(startup_id=startup.pk)
    WORKER.drain()
    listening.paths.clear()
    startup_publish(startup_id=startup.pk)
    WORKER.drain()
    assert listening.paths == ["/v1/refresh"]


def test_what_is_rolled_back_is_not_published(startup, listening):
    with transaction.atomic():
        startup_publish(startup_id=startup.pk)
        transaction.set_rollback(True)
    WORKER.drain()
    assert listening.paths == []


def test_without_the_service_the_embedding_is_made_all_the_same(startup, service_down):
    startup_publish(startup_id=startup.pk)
    WORKER.drain()
    assert StartupEmbedding.objects.count() == 1


def test_without_the_encoder_the_service_is_told_all_the_same(startup, listening, monkeypatch, caplog):
    def missing(*_):
        raise EncoderError("not installed")

    monkeypatch.setattr("recommendations.publication.embedding_refresh", missing)
    startup_publish(startup_id=startup.pk)
    WORKER.drain()
    assert listening.paths == ["/v1/refresh"]
    assert "until generate_embeddings: not installed" in caplog.text


def test_a_startup_deleted_meanwhile_is_no_trouble(startup, listening, caplog):
    key = startup.pk
    startup.delete()
    startup_publish(startup_id=key)
    WORKER.drain()
    assert "failed" not in caplog.text


def test_a_member_is_embedded_too(make_user, listening):
    user = make_user(profile={"skills": ["python"]})
    member_publish(user_id=user.pk)
    WORKER.drain()
    assert UserEmbedding.objects.get().user_id == user.pk
    assert json.loads(listening.bodies[0])["startup_ids"] == []


def test_where_it_is_switched_off_nothing_happens(startup, listening, settings):
    settings.PUBLISH_CHANGES = False
    startup_publish(startup_id=startup.pk)
    WORKER.drain()
    assert listening.paths == []
