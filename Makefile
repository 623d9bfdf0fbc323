# The two commands to know: `make demo` shows the whole story, `make test` proves it. Each does all of its own set-up.

VENV ?= .venv
PYTHON ?= $(shell command -v python3.11 || command -v python3)
UPGRADE ?=
DEMO_ARGS ?=
TEST_ARGS ?=
BENCH_ARGS ?=

BIN := $(VENV)/bin
STAMP := $(VENV)/.set-up
# One process a core; a file's tests stay together, so that fixtures of a module are made once.
PYTEST := $(BIN)/python -m pytest -n auto --dist loadfile
# The lock names no index and no path: where packages come from is the business of the machine that installs.
COMPILE := $(BIN)/pip-compile --quiet --generate-hashes --allow-unsafe --strip-extras --no-header \
	--no-emit-index-url --no-emit-trusted-host --no-emit-find-links --no-emit-options

.PHONY: demo test check bench lock example
.DEFAULT_GOAL := test

$(STAMP): requirements/dev.txt pyproject.toml
	@echo "setting up $(VENV): about a minute"
	test -x $(BIN)/pip || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-index --no-deps --no-build-isolation -e .
	touch $(STAMP)

demo: $(STAMP)
	$(BIN)/strongroom demo $(DEMO_ARGS)

check: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: check
	$(PYTEST) $(TEST_ARGS)

bench: $(STAMP)
	$(BIN)/python -m tests.bench $(BENCH_ARGS)

# Locks what pyproject.toml asks for, changing as little as it can; `make lock UPGRADE=--upgrade` takes the newest.
lock: $(STAMP)
	$(COMPILE) $(UPGRADE) --output-file requirements/runtime.txt pyproject.toml
	$(COMPILE) $(UPGRADE) --extra dev --constraint requirements/runtime.txt --output-file requirements/dev.txt pyproject.toml

# Writes the commented example from the model; a test compares the two.
example: $(STAMP)
	$(BIN)/python -m config.example > config/strongroom.example.toml
