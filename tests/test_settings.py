"""Command line > environment > rag.toml > defaults; mistakes are reported."""

import pytest

from rag.errors import InvalidSetting
from rag.settings import Settings, load_settings


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "rag.toml").write_text('mode = "lexical"\nlimit = 3\nlexical_weight = 1\n')
    return tmp_path


def test_defaults_without_file_or_environment(tmp_path):
    loaded = load_settings(tmp_path, {})
    assert loaded.values == Settings()
    assert not loaded.origins


def test_each_source_overrides_the_ones_below_and_is_recorded(folder):
    loaded = load_settings(folder, {"RAG_LIMIT": "5"}).override(mode="dense", limit=None)
    assert (loaded.values.mode, loaded.values.limit, loaded.values.lexical_weight) == (
        "dense",
        5,
        1.0,
    )
    assert loaded.origins == {
        "mode": "command line",
        "limit": "RAG_LIMIT",
        "lexical_weight": str(folder / "rag.toml"),
    }


def test_an_empty_variable_counts_as_not_set(tmp_path):
    assert load_settings(tmp_path, {"RAG_LIMIT": "", "RAG_INDEX": ""}).values == Settings()
    assert load_settings(tmp_path, {"RAG_RERANK": "True"}).values.rerank is True
    assert load_settings(tmp_path, {"RAG_RERANK": "0"}).values.rerank is False
    with pytest.raises(InvalidSetting, match="RAG_RERANK"):
        load_settings(tmp_path, {"RAG_RERANK": "maybe"})


@pytest.mark.parametrize("wrong", [{"index": ""}, {"limit": "5"}, {"limit": True}, {"mode": None}])
def test_settings_made_in_code_are_checked_too(wrong):
    with pytest.raises(InvalidSetting):
        Settings(**wrong)


@pytest.mark.parametrize(
    "store",
    [
        "local",
        "milvus+http://milvus.internal:19530",
        "milvus+https://a.b.example.com/news",
        "milvus+http://[::1]:19530",
        "milvus+articles.db",
        "milvus+/home/ada@work/is this #1?.db",
    ],
)
def test_a_store_is_local_or_an_address_of_milvus(store):
    assert Settings(store=store).store == store


@pytest.mark.parametrize(
    "store",
    [
        *("", "redis", "Local", "milvus", "milvus+", "milvus+articles", "milvus+host:19530"),
        *("milvus://host", "milvus+ftp://host", "milvus+http://", "milvus+http://host:port"),
        *("milvus+http://[::1", "milvus+http://host.db:123456"),
    ],
)
def test_what_is_no_store_is_refused_with_what_would_be_one(store):
    with pytest.raises(InvalidSetting, match="is not a store") as caught:
        Settings(store=store)
    assert "milvus+http://HOST:19530" in caught.value.fix


@pytest.mark.parametrize(
    "store",
    [
        "milvus+http://ada:secret@host:19530",
        "milvus+http://secret@host",
        "milvus+ada:secret@host:19530",
        "milvus+http://host:19530/?token=secret",
        "milvus+http://host:19530#secret",
        "redis://ada:secret@host",
    ],
)
def test_an_address_with_a_secret_is_refused_and_not_repeated(store):
    with pytest.raises(InvalidSetting) as caught:
        Settings(store=store)
    assert "RAG_STORE_TOKEN" in caught.value.fix
    assert "secret" not in str(caught.value)


def test_an_unknown_key_in_the_file_is_refused_and_the_known_ones_are_named(tmp_path):
    (tmp_path / "rag.toml").write_text("limmit = 3\n")
    with pytest.raises(InvalidSetting, match="limmit") as caught:
        load_settings(tmp_path, {})
    assert "limit" in caught.value.fix


def test_an_unknown_variable_only_warns(tmp_path):
    loaded = load_settings(tmp_path, {"RAG_COLOUR": "x", "OTHER": "y"})
    assert loaded.values == Settings()
    assert [warning for warning in loaded.warnings if "RAG_COLOUR" in warning]


@pytest.mark.parametrize(
    "text", ['limit = "3"', "limit = true", "limit = 0", 'mode = "magic"', "limit ="]
)
def test_a_wrong_value_in_the_file_is_refused(tmp_path, text):
    (tmp_path / "rag.toml").write_text(text)
    with pytest.raises(InvalidSetting):
        load_settings(tmp_path, {})


@pytest.mark.parametrize("value", ["many", "1.5", "-1"])
def test_a_wrong_value_in_the_environment_is_refused(tmp_path, value):
    with pytest.raises(InvalidSetting, match=r"RAG_LIMIT|limit"):
        load_settings(tmp_path, {"RAG_LIMIT": value})
