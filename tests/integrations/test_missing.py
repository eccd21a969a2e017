"""Without its framework, an adapter says what to install."""

import sys
from importlib import import_module

import pytest


@pytest.mark.parametrize(
    ("module", "packages", "extra"),
    [
        ("langchain", ["langchain_core", "langchain_core.documents"], "langchain"),
        ("llama_index", ["llama_index", "llama_index.core"], "llama-index"),
        ("haystack", ["haystack"], "haystack"),
    ],
)
def test_importing_an_adapter_without_its_framework_names_the_extra(
    monkeypatch, module, packages, extra
):
    monkeypatch.delitem(sys.modules, f"rag.integrations.{module}", raising=False)
    for name in [name for name in sys.modules if name.split(".")[0] == packages[0]]:
        monkeypatch.delitem(sys.modules, name)
    for package in packages:
        monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(ImportError, match=rf"pip install 'article-rag\[{extra}\]'"):
        import_module(f"rag.integrations.{module}")
    monkeypatch.delitem(sys.modules, f"rag.integrations.{module}", raising=False)
