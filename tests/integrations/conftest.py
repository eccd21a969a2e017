"""An index of a few articles for the adapters."""

import os

import pytest

import rag

os.environ["HAYSTACK_TELEMETRY_ENABLED"] = "False"  # it would report the use of every component


@pytest.fixture(scope="session")
def index(tmp_path_factory, embedder):
    """The folder of an index; read-only."""
    folder = tmp_path_factory.mktemp("adapted")
    (folder / "articles").mkdir()
    for name, text in {
        "harbour.txt": "Old harbour reopens\n\nHarbour Gazette\n3 May 2024\n\n"
        "The old harbour of Lindvik reopened on Friday. Repairs cost 4.2 million kroner.\n",
        "bees.txt": "City bees thrive\n\nRooftop News\n7 June 2025\n\n"
        "Rooftop hives produced 310 kilograms of honey last summer.\n",
        "boats.txt": "Boats in the harbour\n\nHarbour Gazette\n9 July 2025\n\n"
        "Sixty boats lie in the old harbour of Lindvik, twelve more than last year.\n",
    }.items():
        (folder / "articles" / name).write_text(text)
    rag.build(folder / "articles", folder / "index")
    return folder / "index"
