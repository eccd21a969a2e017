"""What an index on Milvus promises besides the contract of stores."""

import socket
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from itertools import count
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import rag
from rag.records import Filters, Scope, document_of
from rag.settings import absolute_store
from rag.stores.memory import MemoryIndex
from rag.stores.milvus import codec, manifest, vocabulary
from rag.stores.milvus.connection import TOKEN, Connection
from rag.stores.milvus.index import MilvusIndex
from rag.stores.milvus.schema import NOTHING_INDEX, Name, generation_fields, passage_fields
from tests.profiles import LONG
from tests.stores.articles import (
    ALL,
    CORPUS,
    DIMENSION,
    RECIPE,
    article,
    committed,
    holding,
    ids,
    lexical,
    vector_of,
)
from tests.stores.lite import Milvus, needs_milvus

pytestmark = [pytest.mark.slow, needs_milvus]


@pytest.fixture
def index(tmp_path):
    return Milvus(tmp_path)


@pytest.fixture
def connection(index):
    with closing(Connection(index)) as opened:
        yield opened


def collections(connection):
    """The collections of an index by kind."""
    own = [Name.parse(connection.index.name, each) for each in connection.collections()]
    return sorted(f"{each.kind}{each.number}" for each in own if each)


# ---------------------------------------------------------------- builds that fail


class Died(BaseException):
    """Nothing that runs after it in a build may matter."""


@contextmanager
def dying(step):
    """Every connection dies at this call to the server; yields whether it came to that."""
    calls, call = [], Connection._call

    def counted(self, function, *arguments, **options):
        name = getattr(function, "__name__", "")
        if name not in ("close", "MilvusClient", "next"):
            calls.append(name)
            if len(calls) >= step:
                raise Died
        return call(self, function, *arguments, **options)

    with patch.object(Connection, "_call", counted), suppress(Died):
        yield calls


STRIDE = 1 if LONG else 8


@pytest.mark.parametrize("fresh", [False, True])
def test_a_build_that_dies_between_any_two_steps_leaves_the_old_index_or_the_new(tmp_path, fresh):
    before = [article("a.txt", "one two"), article("b.txt", "two", "three")]
    changes = [article("b.txt", "four"), article("c.txt", "two five")]
    outcomes = []
    for step in count(1, STRIDE):
        index = Milvus(tmp_path)
        committed(index, *before).close()
        with dying(step) as calls:
            committed(index, *changes, deleted=["a.txt"], fresh=fresh)
        if len(calls) < step:
            break
        with closing(index.open()) as store:
            outcomes.append(ids(store) == ["b.txt", "c.txt"])
            if outcomes[-1]:
                assert holding(store, "two", "four", "three") == ["b.txt", "c.txt"]
            else:
                assert (ids(store), holding(store, "three")) == (["a.txt", "b.txt"], ["b.txt"])
        assert rag_check(index)
        # Whatever it left behind, the next build is right, and the one after it has tidied up.
        committed(index, *changes, deleted=["a.txt"]).close()
        with closing(committed(index, article("d.txt", "six"))) as store:
            assert ids(store) == ["b.txt", "c.txt", "d.txt"]
            assert holding(store, "two") == ["c.txt"]
            assert store.facts.chunks == len(store.dense(vector_of("x"), ALL, Scope()).ids) == 3
        assert rag_check(index)
        with closing(Connection(index)) as opened:
            assert len(collections(opened)) <= 6
    assert outcomes == sorted(outcomes)
    assert outcomes[0] is False
    assert len(outcomes) > 15 / STRIDE


def rag_check(index):
    return not index.inspect().damages


def test_of_two_builds_on_two_machines_the_second_to_finish_fails(tmp_path, index):
    committed(index, article("a.txt", "one")).close()
    elsewhere = Path(tmp_path, "other machine", index.folder.name)
    with MilvusIndex(elsewhere, index.store).writer() as late, closing(index.open()) as seen:
        late.begin(seen)
        late.put(article("late.txt", "late"))
        committed(index, article("b.txt", "two")).close()
        with pytest.raises(rag.IndexLocked, match="another build"):
            late.commit(CORPUS, RECIPE)
        with pytest.raises(rag.IndexLocked, match="another build"):
            late.begin(seen)
    with closing(index.open()) as store:
        assert ids(store) == ["a.txt", "b.txt"]
        assert not holding(store, "late")


def test_of_two_first_builds_the_second_to_finish_fails_although_its_collections_are_gone(
    tmp_path, index
):
    def build_late():
        elsewhere = MilvusIndex(tmp_path / "other machine" / index.folder.name, index.store)
        with elsewhere.writer() as late:
            late.begin(None)
            late.put(article("late.txt", *map(str, range(500))))  # so many are written at once
            committed(index, article("a.txt", "one")).close()
            late.put(article("later.txt", *map(str, range(500))))

    with pytest.raises(rag.IndexLocked, match="another build"):
        build_late()
    with closing(index.open()) as store:
        assert ids(store) == ["a.txt"]


def test_a_passage_that_the_server_lost_fails_the_build(index):
    committed(index, article("a.txt", "one")).close()

    def lose(self, collection, rows):
        return upsert(self, collection, rows[:-1] if "dense" in rows[0] else rows)

    upsert = Connection.upsert
    with (
        patch.object(Connection, "upsert", lose),
        pytest.raises(rag.IndexNotWritten, match="1 of 2 passages"),
    ):
        committed(index, article("b.txt", "two"))
    with closing(index.open()) as store:
        assert ids(store) == ["a.txt"]


@pytest.mark.parametrize("fresh", [True, False])
def test_a_build_counts_if_only_the_answer_to_its_last_step_was_lost(index, fresh):
    if not fresh:
        committed(index, article("a.txt", "one")).close()

    def lose(self, function, *arguments, **options):
        answer = call(self, function, *arguments, **options)
        if function.__name__ in ("create_alias", "alter_alias"):
            raise rag.StoreUnavailable("gone")
        return answer

    call = Connection._call
    with patch.object(Connection, "_call", lose):
        committed(index, article("b.txt", "two")).close()
    with closing(index.open()) as store:
        assert "b.txt" in ids(store)


# ---------------------------------------------------------------- generations


def test_a_reader_keeps_its_generation_through_one_more_build(index):
    committed(index, article("a.txt", "one"), article("b.txt", "two")).close()
    with closing(index.open()) as reader:
        committed(index, deleted=["a.txt"]).close()
        assert reader.document("a.txt").text == "Title\n\none"
        assert holding(reader, "one") == ["a.txt"]
        committed(index, article("a.txt", "three"), fresh=True).close()
        committed(index, article("c.txt", "four")).close()
        with pytest.raises(rag.IndexNotFound, match="replaced by later builds") as caught:
            lexical(reader, "two")
        assert caught.value.fix == "open the index again"


def test_what_no_generation_needs_is_removed(index, connection):
    committed(index, article("a.txt", "one"), article("b.txt", "two")).close()
    assert collections(connection) == ["d1", "g1", "p1"]
    committed(index, article("c.txt", "three"), deleted=["a.txt"]).close()
    assert collections(connection) == ["d1", "g1", "g2", "p1"]  # an update goes on in the same ones
    committed(index, article("c.txt", "four")).close()
    assert collections(connection) == ["d1", "g2", "g3", "p1"]
    with closing(committed(index, article("d.txt", "five"))) as store:
        rows = connection.rows(store.manifest.passages, "document >= 0", ["document"])
        # Nothing of a.txt; the third generation has c.txt's new passage, the second its old one.
        assert sorted(row["document"] for row in rows) == [1, 2, 3, 4]
    committed(index, article("a.txt", "five"), fresh=True).close()
    committed(index, article("b.txt", "six")).close()
    assert collections(connection) == ["d5", "g5", "g6", "p5"]


def test_indexes_on_one_server_do_not_mix(tmp_path):
    one, two = Milvus(tmp_path), Milvus(tmp_path)
    committed(one, article("a.txt", "one")).close()
    committed(two, article("b.txt", "one")).close()
    with closing(one.open()) as store:
        assert (ids(store), holding(store, "one")) == (["a.txt"], ["a.txt"])
        assert one.generation() == store.facts.generation
        assert one.facts() == store.facts


def test_other_collections_on_the_server_are_left_alone(index, connection):
    committed(index, article("a.txt", "one")).close()
    target = connection.target()
    fields, indexes = manifest_like()
    for name in (f"{target}_backup", f"{index.name}_mine", "mine"):
        connection.create(name, fields, indexes)
    committed(index, article("b.txt", "two")).close()
    assert connection.has(f"{target}_backup")
    assert connection.has(f"{index.name}_mine")
    connection.drop("mine")


def manifest_like():
    return generation_fields(), [NOTHING_INDEX]


# ---------------------------------------------------------------- scores

WORDS = st.sampled_from(["red", "blue", "green", "grey", "black"])
TEXTS = st.lists(st.lists(WORDS, min_size=1, max_size=9).map(" ".join), min_size=1, max_size=6)


@settings(max_examples=settings.default.max_examples // 4)  # each makes an index of its own
@given(TEXTS, TEXTS, st.lists(WORDS, min_size=1, max_size=3), st.integers(1, 4))
def test_the_first_of_a_list_are_those_of_the_reference_whatever_weights_the_rows_have(
    tmp_path_factory, old, new, query, depth
):
    # The rows keep the weights of the first build, whose passages may be shorter or longer.
    index, memory = Milvus(tmp_path_factory.mktemp("scores")), MemoryIndex()
    with patch.object(codec, "dimension_of", lambda term: len(term) % 2):  # terms share dimensions
        for number, texts in enumerate((old, new)):
            made = [article(f"{number}-{n}.txt", text) for n, text in enumerate(texts)]
            committed(index, *made).close()
            memory.begin(memory.open() if number else None)
            for each in made:
                memory.put(each)
            memory.commit(CORPUS, RECIPE)
        with closing(index.open()) as store:
            found = lexical(store, *query, depth=depth)
    expected = lexical(memory.open(), *query, depth=depth)
    assert list(found.ids) == list(expected.ids)
    assert np.allclose(found.scores, expected.scores)


def test_a_graph_leads_to_the_nearest_of_very_many_passages_after_updates_too(index, monkeypatch):
    monkeypatch.setattr("rag.stores.milvus.writer.EXACT", 10)
    texts = [f"{word} {number}" for word in ("red", "blue") for number in range(20)]
    made = [article(f"{text}.txt", text) for text in texts]
    committed(index, *made[:20]).close()
    with closing(committed(index, *made[20:])) as store:
        assert store.manifest.graph
        for text in texts[::5]:
            hits = store.dense(vector_of(text), 5, Scope())
            assert document_of(hits.ids[0]) == f"{text}.txt"
            assert hits.scores[0] == pytest.approx(1)
            assert len(hits.ids) == 5


def test_filters_are_the_same_whether_the_server_applies_them_or_the_reader(index):
    store = committed(
        index,
        article("a.txt", "one", published="2024-01-31", publisher="Gazette"),
        article("b.txt", "one", published="2024-02-01", publisher="It's \"the\" 'Post'"),
        article("c.txt", "one", publisher="gazette"),
    )
    for filters in (
        {"publisher": "IT'S \"THE\" 'POST'"},
        {"publisher": "Nobody"},
        {"since": "2024-01-31", "until": "2024-01-31"},
        {"until": "2024-01-31", "undated": True},
        {"since": "2024-02-01", "publisher": "gazette", "undated": True},
    ):
        plain, listed = Filters(**filters), Filters(**filters, path="*")
        assert holding(store, "one", filters=plain) == holding(store, "one", filters=listed)
    store.close()


def test_a_vocabulary_is_read_block_by_block(monkeypatch):
    monkeypatch.setattr(vocabulary, "BLOCK", 3)
    counts = {f"{letter}{number}": number for letter in "abc" for number in range(1, 8)}
    listed = list(vocabulary.blocks(counts))
    fetched = []

    def fetch(numbers):
        fetched.extend(numbers)
        return {number: listed[number][1] for number in numbers}

    terms = vocabulary.Vocabulary([first for first, _ in listed], fetch)
    assert [terms.frequency(t) for t in ("a1", "b5", "c7", "", "aa", "zz", "b")] == [
        1,
        5,
        7,
        *[0] * 4,
    ]
    assert len(set(fetched)) < len(listed)
    for prefix in ("", "a", "b", "b3", "c7", "d", "a9"):
        assert terms.beginning(prefix) == sorted(t for t in counts if t.startswith(prefix))
    assert dict(terms.all()) == counts


# ---------------------------------------------------------------- damage


ALTERATIONS = (
    {"start": 6},
    {"length": 7},
    {"terms": codec.packed(["other"])},
    {"dense": vector_of("other").tolist()},
    {"dense": [0.0] * 8},
    {"terms": "no base64!"},
    {"document": 77},
    {"words": [1]},
    {"publisher": 1},
    {"lexical": {1: 0.5}},
)


def test_a_row_that_was_altered_is_found_and_its_passage_not_salvaged(index, connection):
    with closing(committed(index, article("a.txt", "one", "two"), article("b.txt", "three"))) as s:
        passages, entry = s.manifest.passages, s.records.find("a.txt")
        first = f"{entry.build:x}.{entry.number}#7-10"
    assert rag_check(index)
    assert len(list(index.intact_passages())) == 3
    fields = [field["field_name"] for field in passage_fields(DIMENSION)]
    [row] = connection.rows(passages, f"id == '{first}'", fields)
    for changes in ALTERATIONS:
        connection.upsert(passages, [{**row, **changes}])
        damages = index.inspect().damages
        assert first in damages[0].what, changes
        whole = index.intact_passages()
        assert sorted(d.text[c.start : c.end] for d, c, _ in whole) == ["three", "two"], changes
    connection.upsert(passages, [row])
    assert rag_check(index)


@pytest.mark.parametrize("kind", ["texts", "vocabulary", "manifest"])
def test_other_damage_is_found_too_and_reading_it_says_so(index, connection, kind):
    with closing(committed(index, article("a.txt", "one two"))) as store:
        made, shared = str(store.generation), store.manifest.shared
    if kind == "texts":
        connection.delete(shared, "content == 1")
    elif kind == "vocabulary":
        connection.upsert(made, manifest.piece_rows("terms/0", codec.packed([["one"], [9]])))
    else:
        connection.upsert(made, manifest.piece_rows("manifest", '{"format": 1}'))
    assert len(index.inspect().damages) == 1
    if kind == "texts":
        with closing(index.open()) as store, pytest.raises(rag.IndexCorrupt, match=r"a\.txt"):
            store.document("a.txt")
    if kind == "manifest":
        assert index.salvaged_facts() is None
        with pytest.raises(rag.IndexCorrupt, match="no manifest") as caught:
            index.open()
        assert "--repair" in caught.value.fix
        assert caught.value.fix.endswith(f"--store {index.store}")


# ---------------------------------------------------------------- errors


def test_an_index_of_another_format_and_an_alias_of_something_else_are_refused(index, connection):
    committed(index, article("a.txt", "one")).close()
    made = connection.target()
    connection.upsert(made, manifest.piece_rows("manifest", '{"format": 99}'))
    with pytest.raises(rag.IndexMismatch, match="format 99"):
        index.open()
    connection.create("theirs", *manifest_like())
    connection.switch("theirs", first=False)
    with pytest.raises(rag.IndexMismatch, match="which no build of this program made"):
        index.open()
    connection.switch(made, first=False)
    connection.drop("theirs")


def test_a_server_that_is_not_there_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr("rag.stores.milvus.connection._CONNECT", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(rag.StoreUnavailable, match=f"127.0.0.1:{port}") as caught:
        MilvusIndex(tmp_path / "index", f"milvus+http://127.0.0.1:{port}").open()
    assert "Milvus runs there" in caught.value.fix


@contextmanager
def serving(refusal=None, aliases=()):
    """A server that does little: the setting for it, and what its clients told of themselves."""
    import grpc
    from pymilvus.grpc_gen import milvus_pb2 as replies
    from pymilvus.grpc_gen.milvus_pb2_grpc import (
        MilvusServiceServicer,
        add_MilvusServiceServicer_to_server,
    )

    seen, left = {}, list(aliases)

    class Servicer(MilvusServiceServicer):
        def Connect(self, _, context):  # noqa: N802  # its name in the protocol
            seen.update(context.invocation_metadata())
            if refusal:
                context.abort(grpc.StatusCode[refusal], "user: ada, password: secret")
            return replies.ConnectResponse()

        def DescribeAlias(self, _, context):  # noqa: N802
            collection = left.pop(0)
            if collection is None:
                context.abort(grpc.StatusCode.UNAVAILABLE, "not now")
            return replies.DescribeAliasResponse(collection=collection)

    server = grpc.server(ThreadPoolExecutor(1))
    add_MilvusServiceServicer_to_server(Servicer(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield f"milvus+http://127.0.0.1:{port}", seen
    finally:
        server.stop(0)


@pytest.mark.parametrize("refusal", ["UNAUTHENTICATED", "PERMISSION_DENIED"])
def test_credentials_come_from_the_environment_and_a_refusal_does_not_repeat_them(
    tmp_path, monkeypatch, refusal
):
    monkeypatch.setenv(TOKEN, "ada:secret")
    with (
        serving(refusal) as (store, seen),
        pytest.raises(rag.StoreUnavailable, match="refuses: user: ada") as caught,
    ):
        MilvusIndex(tmp_path / "index", store).open()
    assert TOKEN in caught.value.fix
    assert "secret" not in str(caught.value) + caught.value.fix
    assert "authorization" in seen


def test_this_machine_is_not_asked_through_a_proxy(tmp_path, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    with serving(aliases=["rag_index_g000001_0a0b0c"]) as (store, _):
        assert MilvusIndex(tmp_path / "index", store).generation() == "gen-000001-0a0b0c"


def test_a_call_is_made_again_while_the_server_is_away(tmp_path):
    with serving(aliases=[None, None, "rag_index_g000001_0a0b0c"]) as (store, _):
        assert MilvusIndex(tmp_path / "index", store).generation() == "gen-000001-0a0b0c"


def test_what_is_no_folder_of_milvus_lite_is_not_made_by_a_reader(tmp_path):
    store = f"milvus+{tmp_path}/none.db"
    with pytest.raises(rag.IndexNotFound, match="no index 'news'") as caught:
        MilvusIndex(tmp_path / "news", store).open()
    assert caught.value.fix.endswith(
        f"rag index FOLDER-OF-ARTICLES --index {tmp_path}/news --store {store}"
    )
    assert not list(tmp_path.iterdir())
    (tmp_path / "file.db").touch()
    with pytest.raises(rag.StoreUnavailable, match="is a file"):
        MilvusIndex(tmp_path / "index", f"milvus+{tmp_path}/file.db").open()


def test_a_folder_that_another_process_has_open_is_named(tmp_path):
    fcntl = pytest.importorskip("fcntl")
    folder = tmp_path / "milvus.db"
    folder.mkdir()
    with (folder / "LOCK").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(rag.StoreUnavailable, match="another process") as caught:
            MilvusIndex(tmp_path / "index", f"milvus+{folder}").open()
    assert f"milvus-lite server --data-dir {folder}" in caught.value.fix


@pytest.mark.parametrize("package", ["pymilvus", "milvus_lite.server_manager"])
def test_a_package_that_is_missing_is_named_with_the_extra_that_brings_it(
    index, package, monkeypatch
):
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(rag.StoreUnavailable, match="not installed") as caught:
        index.open()
    assert caught.value.fix == "pip install 'article-rag[milvus]'"


def test_an_absolute_store_is_the_same_in_every_working_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert absolute_store("milvus+a/b.db") == f"milvus+{tmp_path}/a/b.db"
    for store in ("local", "milvus+http://host:19530", f"milvus+{tmp_path}/a.db"):
        assert absolute_store(store) == store


def test_the_name_on_the_server_is_that_of_the_folder_on_every_machine():
    def name(path):
        return MilvusIndex(Path(path), "milvus+http://host:19530").name

    assert name("/home/ada/news") == name("D:/work/news") == "rag_news"
    assert len({name(each) for each in ("my-news", "my_news", "my news", "mÿ", "m🐝")}) == 5
    assert all(name(each).isascii() for each in ("mÿ-news", "新闻"))
