"""Stores from other packages, declared by an entry point as rag/stores/base.py says."""

import sys

import pytest

import rag
from rag.stores import base, index_at

SHELF = """
from functools import cache
from rag.stores.memory import MemoryIndex

shelf = cache(MemoryIndex)  # so that an address is the same index each time
"""


@pytest.fixture
def install(tmp_path, monkeypatch):
    """A function that installs a package with a store."""

    def install_package(source, **entries):
        site = tmp_path / "site"
        information = site / "shelves-1.0.dist-info"
        information.mkdir(parents=True)
        (site / "shelves.py").write_text(source)
        (information / "METADATA").write_text(
            "Metadata-Version: 2.1\nName: shelves\nVersion: 1.0\n"
        )
        lines = ["[rag.stores]", *(f"{name} = {value}" for name, value in entries.items())]
        (information / "entry_points.txt").write_text("\n".join(lines))
        monkeypatch.syspath_prepend(site)

    yield install_package
    monkeypatch.undo()
    sys.modules.pop("shelves", None)
    base._kind.cache_clear()


def test_everything_works_with_an_index_in_a_store_of_another_package(install, tmp_path, embedder):
    install(SHELF, shelf="shelves:shelf")
    articles, index = tmp_path / "articles", tmp_path / "index"
    articles.mkdir()
    (articles / "ferry.txt").write_text("The ferry of Lindvik was built by Olaf Brekke in 1921.\n")
    settings = rag.Settings(store="shelf+attic")
    assert rag.build(articles, index, settings=settings).added == ("ferry.txt",)
    assert rag.build(index=index, settings=settings).unchanged == 1
    with rag.Retriever.open(index, settings=settings) as retriever:
        assert retriever.search("Who built the ferry?", k=1)[0].doc_id == "ferry.txt"
        assert retriever.status().store == "shelf+attic"
    assert rag.check(index, settings=settings).ok
    with pytest.raises(rag.IndexNotFound):
        rag.Retriever.open(index, settings=rag.Settings(store="shelf+cellar"))
    assert not index.exists()


def test_a_store_that_no_package_declares_is_no_setting(install):
    install(SHELF, shelf="shelves:shelf")
    for store in (
        "attic+here",
        "shelf",
        "shelf+",
        "milvus+here",
        "local+here",
        "shelf+ada:secret@here",
    ):
        with pytest.raises(rag.InvalidSetting, match="store: "):
            rag.Settings(store=store)


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("raise RuntimeError('not today')", "not today"),
        ("import nothing_of_that_name", "nothing_of_that_name"),
        ("", "no attribute 'shelf'"),
    ],
)
def test_a_package_that_cannot_be_loaded_is_named(install, tmp_path, source, reason):
    install(source, shelf="shelves:shelf")
    with pytest.raises(rag.StoreUnavailable, match=reason) as caught:
        index_at(tmp_path, "shelf+attic")
    assert "shelves:shelf" in str(caught.value)
    assert "package" in caught.value.fix


def test_built_in_stores_need_no_entry_point_lookup(monkeypatch, tmp_path):
    from importlib import metadata

    monkeypatch.setattr(metadata, "entry_points", lambda **_: pytest.fail("looked up"))
    for store in ("local", "milvus+http://host:19530", "milvus+a.db"):
        assert index_at(tmp_path, rag.Settings(store=store).store).folder == tmp_path
