"""The files beside the models, whole and damaged; a name from outside never becomes a path."""

from __future__ import annotations

import json

import pytest

from console.errors import ModelsUnreadableError
from console.jobs.made_version import version_made_from
from console.model_files.cards import Figure, evaluation_of, read_card
from console.model_files.manifests import file_of, read_manifest, version_names
from console.model_files.markdown import Bullets, Code, Heading, Paragraph, Table, parse_markdown
from console.model_files.pictures import picture_names, read_picture
from console.model_files.pointer import read_pointer
from console.model_files.routing import read_routing

HOSTILE = ["../two_tower_v1", "two_tower_v1/../../etc/passwd", "two_tower_v0", "two_tower_v1\n", "", "two_tower_v01"]


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_no_version_becomes_no_path(name):
    with pytest.raises(ModelsUnreadableError, match="named like two_tower_v1"):
        file_of(name, "json")


def test_versions_come_in_order_of_their_numbers_and_nothing_else_is_one(add_version, settings):
    for number in (2, 10, 1):
        add_version(number)
    for other in ("two_tower_vX.json", "two_tower_v3.config.json", "ACTIVE.json"):
        (settings.MODELS_DIR / other).write_text("{}")
    assert version_names() == ["two_tower_v1", "two_tower_v2", "two_tower_v10"]


@pytest.mark.parametrize("content", ["", "{", "[]", '{"version": 1}'])
def test_a_damaged_manifest_says_so(settings, content):
    (settings.MODELS_DIR / "two_tower_v1.json").write_text(content)
    with pytest.raises(ModelsUnreadableError, match="manifest of two_tower_v1"):
        read_manifest("two_tower_v1")


def test_a_missing_manifest_says_so():
    with pytest.raises(ModelsUnreadableError, match="cannot be read: No such file"):
        read_manifest("two_tower_v9")


def test_the_evaluation_of_a_card_is_its_test_window_by_segment(add_version):
    window, segments = evaluation_of(read_card(add_version(1, ndcg=0.5)))
    assert window == "Test window"
    assert [(segment.name, segment.people) for segment in segments] == [("all", 1640), ("role=investor", 323)]
    assert segments[0].engines["als"] == Figure(mean=0.3, low=0.25, high=0.35)
    assert next(iter(segments[1].engines)) == "two_tower"


def test_markdown_in_blocks():
    text = (
        "# One\nnext to it\n\n- a\n- b `c`\n\n| x | y |\n| --- | --- |\n| 1 | 2 |\n| 3 |\n\n```text\na\n\n- b\n```\nend"
    )
    assert parse_markdown(text) == [
        Heading(1, "One"),
        Paragraph("next to it"),
        Bullets(("a", "b `c`")),
        Table(("x", "y"), (("1", "2"), ("3", ""))),
        Code("a\n\n- b"),
        Paragraph("end"),
    ]


def test_pictures_are_those_of_the_list(add_version, settings):
    name = add_version(1, pictures=("curves", "embeddings"))
    assert list(picture_names(name)) == ["curves", "embeddings"]
    assert read_picture(name, "curves").startswith(b"\x89PNG")
    (settings.MODELS_DIR / f"{name}.reliability.png").write_text("<svg onload=alert(1)>")
    for picture, problem in (("secret", "there is no picture"), ("reliability", "is no PNG")):
        with pytest.raises(ModelsUnreadableError, match=problem):
            read_picture(name, picture)


def test_the_pointer_and_the_routes_whole_missing_and_damaged(settings):
    assert read_pointer().active is None
    assert read_routing("two_tower_v1") is None
    (settings.MODELS_DIR / "ACTIVE.json").write_text(json.dumps({"active": "two_tower_v1", "previous": []}))
    assert read_pointer().active == "two_tower_v1"
    (settings.MODELS_DIR / "ACTIVE.json").write_text("[")
    (settings.MODELS_DIR / "two_tower_v1.routing.json").write_text("[")
    for read in (read_pointer, lambda: read_routing("two_tower_v1")):
        with pytest.raises(ModelsUnreadableError):
            read()


def test_a_training_made_the_newest_version_that_names_its_dataset(add_version, settings, tmp_path):
    pairs = tmp_path / "two_tower_train.csv"
    assert version_made_from(pairs) is None
    for number in (1, 2, 3):
        add_version(number, data={"path": str(pairs) if number < 3 else "/another.csv"})
    (settings.MODELS_DIR / "two_tower_v4.json").write_text("damaged")
    assert version_made_from(pairs) == "two_tower_v2"
