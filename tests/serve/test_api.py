"""The tool's own API, over real HTTP."""

import json
import logging

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

pytestmark = pytest.mark.model

QUESTION = "What did the repairs of the harbour cost?"
TAKING = ["search", "ask", "document", "chat_completions", "web_search"]
"""Operations that take something, which can be wrong."""
OPERATIONS = [*TAKING, "health", "metrics", "models"]
LONG = settings.default.max_examples >= 1_000
EXAMPLES = settings.default.max_examples if LONG else 5
"""Requests that schemathesis makes for each operation."""


def events(text):
    """The (name, data) of each event in a stream."""
    for block in filter(None, text.split("\n\n")):
        fields = dict(line.split(": ", 1) for line in block.split("\n") if not line.startswith(":"))
        if fields:
            yield fields.get("event"), fields["data"]


def test_search_gives_what_the_retriever_gives(client, retriever):
    found = client.post("/v1/search", json={"query": "harbour pier", "k": 2}).json()
    expected = retriever.search_result("harbour pier", 2).to_dict()
    assert found["passages"] == expected["passages"]
    assert list(found) == list(expected)


def test_filters_and_options_reach_the_search(client):
    asked = {"query": "harbour honey trains", "mode": "lexical", "filters": {"since": "2024-05"}}
    found = client.post("/v1/search", json=asked).json()
    assert [p["doc_id"] for p in found["passages"]] == ["harbour.txt"]
    assert set(found["passages"][0]["contributions"]) == {"lexical"}


def test_ask_gives_a_cited_answer_and_an_abstention(client, retriever):
    answer = client.post("/v1/ask", json={"question": QUESTION}).json()
    assert answer["answer"] == "4.2 million kroner"
    [citation] = answer["citations"]
    text = retriever.document(citation["doc_id"]).text
    assert text[citation["start"] : citation["end"]] == citation["quote"]
    unknown = client.post("/v1/ask", json={"question": "Who won the chess final?"}).json()
    assert (unknown["status"], unknown["answer"]) == ("abstained", None)
    assert unknown["reason"]


def test_ask_is_streamed_when_asked_for(client):
    response = client.post(
        "/v1/ask", json={"question": QUESTION}, headers={"Accept": "text/event-stream"}
    )
    assert response.headers["content-type"].startswith("text/event-stream")
    assert response.headers["x-accel-buffering"] == "no"
    [(name, data)] = events(response.text)
    assert name == "answer"
    assert json.loads(data)["answer"] == "4.2 million kroner"


@pytest.fixture
def written(writes):
    """A language model says two things, one of which the articles do not."""
    writes(
        "Repairs cost 4.2 million kroner [1]. ",
        "The queen of Norway paid for all of them in gold [1].",
    )


def test_sentences_of_a_language_model_are_streamed_as_they_come(client, written):
    response = client.post(
        "/v1/ask", json={"question": QUESTION}, headers={"Accept": "text/event-stream"}
    )
    (first, data), (last, answer) = events(response.text)
    assert (first, last) == ("sentence", "answer")
    assert json.loads(data)["text"] == json.loads(answer)["answer"]
    assert "gold" not in json.loads(data)["text"]


def test_a_document_comes_by_its_id(client, retriever):
    for doc_id, asked in [("deep/trains.txt", "deep/trains.txt"), ("harbour.txt", "harb")]:
        document = client.get(f"/v1/documents/{asked}").json()
        assert document == retriever.document(doc_id).to_dict()


@pytest.mark.parametrize(
    ("path", "sent", "status", "kind"),
    [
        ("/v1/search", {"query": ""}, 422, "InvalidRequest"),
        ("/v1/search", {"query": "x" * 10_001}, 422, "InvalidRequest"),
        ("/v1/search", {"query": "x", "k": 0}, 422, "InvalidRequest"),
        ("/v1/search", {"query": "x", "k": 10**30}, 422, "InvalidRequest"),
        ("/v1/search", {"query": "x", "limit": 3}, 422, "InvalidRequest"),
        ("/v1/search", {"query": "x", "mode": "magic"}, 422, "InvalidRequest"),
        ("/v1/search", {"query": "x", "filters": {"since": "soon"}}, 400, "InvalidFilter"),
        ("/v1/search", {"query": "x", "filters": {"since": 2025}}, 422, "InvalidRequest"),
        ("/v1/search", {"query": "x", "filters": {"undated": 1}}, 422, "InvalidRequest"),
        ("/v1/search", {"query": "x", "k": "5"}, 422, "InvalidRequest"),
        ("/v1/search", {"query": "x", "rerank": "yes"}, 422, "InvalidRequest"),
        ("/v1/web-search", {"query": "x", "count": True}, 422, "InvalidRequest"),
        ("/v1/ask", {"question": "x", "min_confidence": True}, 422, "InvalidRequest"),
        ("/v1/ask", {"question": "x", "as_of": 0}, 422, "InvalidRequest"),
        ("/v1/ask", {"question": "x", "as_of": "20250101"}, 422, "InvalidRequest"),
        ("/v1/search", {"query": "-only"}, 400, "InvalidArgument"),
        ("/v1/search", {"query": "\ud800"}, 422, "InvalidRequest"),
        ("/v1/ask", {"question": "  "}, 400, "InvalidArgument"),
        ("/v1/ask", {"question": "x", "min_confidence": 7}, 422, "InvalidRequest"),
        ("/v1/ask", {"question": ["x"]}, 422, "InvalidRequest"),
        ("/v1/ask", [], 422, "InvalidRequest"),
        ("/v1/ask", {"question": "x", "passages": 10_000}, 422, "InvalidRequest"),
        (
            "/v1/search",
            {"query": "x", "filters": {"since": "2024-02-02", "until": "2024-01-01"}},
            400,
            "InvalidFilter",
        ),
    ],
)
def test_what_cannot_be_asked_is_refused_in_json(client, path, sent, status, kind):
    for headers in ({}, {"Accept": "text/event-stream"}):
        headers["Content-Type"] = "application/json"
        response = client.post(path, content=json.dumps(sent), headers=headers)
        assert (response.status_code, response.json()["error"]["type"]) == (status, kind)
        assert response.json()["error"]["message"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v1/documents/nothing.txt", 404),
        ("GET", "/v1/documents/", 404),
        ("GET", "/nowhere", 404),
        ("GET", "/docs", 404),
        ("GET", "/v1/ask", 405),
        ("POST", "/health", 405),
    ],
)
def test_what_is_not_there_is_refused_in_json(client, method, path, status):
    response = client.request(method, path)
    assert response.status_code == status
    assert list(response.json()["error"]) == ["type", "message", "fix", "param", "code"]
    assert ("allow" in response.headers) == (status == 405)


@pytest.mark.parametrize("path", ["/", "/health", "/openapi.json", "/nowhere"])
def test_a_head_is_that_of_the_whole_response(client, path):
    whole, head = client.get(path), client.head(path)
    assert (head.status_code, head.content) == (whole.status_code, b"")
    for name in ("content-type", "content-length", "content-security-policy"):
        assert head.headers[name] == whole.headers[name]


@pytest.mark.parametrize("body", [b"{", b"\xff\xfe", b'{"question": NaN}', b"[" * 50_000])
def test_a_body_that_is_no_json_is_refused(client, body):
    response = client.post("/v1/ask", content=body, headers={"Content-Type": "application/json"})
    assert response.status_code in (400, 422)
    assert response.json()["error"]["message"]
    assert response.json()["error"]["param"] in (None, "body", "question")


def test_a_failure_that_nobody_foresaw_says_nothing_of_the_inside(client, retriever, monkeypatch):
    def fail(*_, **__):
        raise ZeroDivisionError("at /home/somebody/secret")

    monkeypatch.setattr(retriever, "search_result", fail)
    response = client.post("/v1/search", json={"query": "x"})
    assert response.status_code == 500
    assert response.json()["error"]["type"] == "InternalError"
    assert "somebody" not in response.text
    assert "Traceback" not in response.text


def test_health_names_the_generation(client, retriever):
    health = client.get("/health").json()
    assert (health["status"], health["index"]) == ("ok", retriever.info.to_dict())


def test_metrics_count_requests_and_answers(client):
    client.post("/v1/ask", json={"question": QUESTION})
    text = client.get("/metrics").text
    assert 'rag_requests_total{operation="ask",status="200"}' in text
    assert 'rag_answers_total{status="answered"}' in text
    assert "rag_request_seconds_bucket" in text


def test_requests_are_numbered_and_logged_without_what_was_asked(client, caplog):
    caplog.set_level(logging.INFO, "rag")
    number = client.post("/v1/ask", json={"question": QUESTION}).headers["x-request-id"]
    client.get("/v1/documents/harbour.txt", headers={"X-Request-ID": "mine-7"})
    forged = client.get("/health", headers={"X-Request-ID": "a\tb{}" + "x" * 100})
    assert "x" * 100 not in forged.headers["x-request-id"]
    logged = "\n".join(r.getMessage() for r in caplog.records if r.name.startswith("rag"))
    assert f"{number} ask 200" in logged
    assert "mine-7 document 200" in logged
    assert not any(word in logged for word in ("repairs", "kroner", "harbour.txt"))


def test_every_response_forbids_framing_and_guessing(client):
    for response in (client.get("/health"), client.get("/nowhere")):
        assert response.headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in response.headers["content-security-policy"]


# ---------------------------------------------------------------- the description


def test_the_description_names_every_operation_and_shows_how_to_ask(client):
    description = client.get("/openapi.json").json()
    operations = {
        operation["operationId"]: operation
        for path in description["paths"].values()
        for operation in path.values()
    }
    assert set(operations) == set(OPERATIONS)
    assert all(operation["description"] for operation in operations.values())
    schemas = description["components"]["schemas"]
    assert {"Answer", "SearchResult", "Document", "ErrorBody"} <= set(schemas)
    assert "HTTPValidationError" not in schemas
    for name, path in [
        ("SearchRequest", "/v1/search"), ("AskRequest", "/v1/ask"),
        ("ChatRequest", "/v1/chat/completions"), ("WebSearchRequest", "/v1/web-search"),
    ]:  # fmt: skip
        for example in schemas[name]["examples"]:
            assert client.post(path, json=example).status_code == 200


@pytest.fixture(scope="module")
def operations(client, address):
    """The operations of the description by id, as schemathesis reads them."""
    schemathesis = pytest.importorskip("schemathesis")
    api = schemathesis.openapi.from_dict(client.get("/openapi.json").json())
    api.config.update(base_url=address)
    # Too long is a reason, too.
    api.config.checks.negative_data_rejection.expected_statuses = ["4XX"]
    found = [each.ok() for each in api.get_all_operations()]
    return {each.definition.raw["operationId"]: each for each in found}


@pytest.mark.parametrize(
    ("operation", "fitting"),
    [(name, True) for name in OPERATIONS] + [(name, False) for name in TAKING],
)
def test_generated_requests_get_what_the_description_says(
    operations, retriever, operation, fitting
):
    from schemathesis import GenerationMode
    from schemathesis.checks import not_a_server_error
    from schemathesis.specs.openapi import checks

    mode = GenerationMode.POSITIVE if fitting else GenerationMode.NEGATIVE
    wanted = [
        not_a_server_error,
        checks.status_code_conformance,
        checks.content_type_conformance,
        checks.response_schema_conformance,
        *([] if fitting else [checks.negative_data_rejection]),
    ]

    # Reading the description's schemas takes seconds at the first request of each operation.
    @settings(max_examples=EXAMPLES, suppress_health_check=[HealthCheck.too_slow])
    @given(
        case=operations[operation].as_strategy(generation_mode=mode),
        doc_id=st.sampled_from([each.doc_id for each in retriever.documents()]),
        question=st.text(min_size=1, max_size=100),
        meant=st.booleans(),
    )
    def check(case, doc_id, question, meant):
        # By chance alone, hardly a document exists, and hardly a conversation ends in a question.
        if fitting and meant and operation == "document":
            case.path_parameters["doc_id"] = doc_id
        if fitting and meant and operation == "chat_completions":
            case.body["messages"].append({"role": "user", "content": question})
        case.call_and_validate(checks=wanted, timeout=60)

    check()
