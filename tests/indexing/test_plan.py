"""The request and the state of the index decide the kind of build."""

import shutil

import pytest

import rag
from rag.indexing.plan import BuildRequest, Fresh, Repair, Update, choose_plan
from rag.models import DEFAULT_MODEL
from rag.stores import index_at
from tests.stores.test_format import GOLDEN

OWN = "tiny"  # the model that the golden index names


@pytest.fixture(autouse=True)
def _built_by_this_version(monkeypatch):
    """The golden index keeps the chunker of its day; here it counts as today's."""
    chunker = index_at(GOLDEN).facts().recipe.chunker
    monkeypatch.setattr("rag.indexing.plan.CHUNKER_ID", chunker)


def intact(index):
    shutil.copytree(GOLDEN, index)


def damaged(index):
    intact(index)
    (index / "gen-000001" / "texts.utf8").write_bytes(b"?")


def lost(index):
    """CURRENT is missing; the generations exist."""
    intact(index)
    (index / "CURRENT").unlink()


def silent(index):
    """No file says any more how the index was built."""
    intact(index)
    (index / "CURRENT").write_bytes(b"")
    (index / "gen-000001" / "manifest.json").write_bytes(b"{}")


def nothing(_):
    pass


def chosen(index, *, full=False, repair=False, model=None):
    wish = BuildRequest(None, model, full, repair, dry_run=False)
    return choose_plan(wish, index.parent, index_at(index), rag.Settings(), lambda *_: None)


@pytest.mark.parametrize(
    ("state", "wish", "kind", "model"),
    [
        (nothing, {}, Update, None),
        (nothing, {"model": "other"}, Update, "other"),
        (nothing, {"full": True}, Fresh, None),
        (nothing, {"repair": True}, Update, None),
        (intact, {}, Update, OWN),
        (intact, {"repair": True}, Update, OWN),
        (intact, {"full": True}, Fresh, OWN),
        (intact, {"full": True, "repair": True}, Fresh, OWN),
        (intact, {"full": True, "model": "other"}, Fresh, "other"),
        (damaged, {}, Update, OWN),  # opening it will tell
        (damaged, {"repair": True}, Repair, OWN),
        (damaged, {"full": True}, Fresh, OWN),
        (lost, {}, Update, None),
        (lost, {"repair": True}, Repair, OWN),
        (silent, {"repair": True}, Repair, None),
        (silent, {"full": True}, Fresh, None),
    ],
)
def test_the_plan_follows_the_request_and_the_state_of_the_index(
    tmp_path, state, wish, kind, model
):
    index = tmp_path / "index"
    state(index)
    plan = chosen(index, **wish)
    assert (type(plan), plan.model) == (kind, model)
    if kind is Update:
        assert (plan.known is None) == (state in (nothing, lost))
    if kind is Repair:
        assert plan.damaged


def test_a_broken_index_is_neither_updated_nor_replaced(tmp_path):
    silent(tmp_path / "index")
    with pytest.raises(rag.IndexCorrupt):
        chosen(tmp_path / "index")


def test_another_model_needs_a_fresh_build(tmp_path):
    intact(tmp_path / "index")
    for wish in ({}, {"repair": True}):
        with pytest.raises(rag.IndexMismatch, match=OWN):
            chosen(tmp_path / "index", model=DEFAULT_MODEL, **wish)
