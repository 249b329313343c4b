# 衔接 Xianjie. `make help` lists what there is.
SHELL := /bin/sh
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8000
XIANJIE_DATA_DIR ?= .xianjie
WORKERS ?= 2
KILLS ?= 200
CODE := chassis services gateway deploy
export XIANJIE_DATA_DIR

.DEFAULT_GOAL := help
.PHONY: help install install-dev run cluster test test-long kafka check check-style check-types check-imports \
  check-documents collect format bench chaos openapi baseline clean

help: ## List the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: $(VENV)/.installed ## Install what running needs, from the hashed lock
install-dev: $(VENV)/.installed-dev ## Install what testing needs too

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "需要 Python 3.11 或更新版本 / Python 3.11 or newer is needed; set PYTHON=python3.x")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: requirements.lock pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@$(BIN)/python -m compileall -q $(CODE) # as pip does for packages; every process else compiles a thousand files
	@touch $@

$(VENV)/.installed-dev: requirements-dev.lock $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

run: $(VENV)/.installed ## Start the whole platform on this machine (PORT=8000, XIANJIE_DATA_DIR=.xianjie)
	@exec $(BIN)/xianjie serve --port $(PORT) --data $(XIANJIE_DATA_DIR)

cluster: $(VENV)/.installed ## The same as separate processes over a real Kafka (needs Java 17 and Maven, no Docker)
	@exec $(BIN)/xianjie serve --cluster --port $(PORT) --data $(XIANJIE_DATA_DIR)

test: $(VENV)/.installed-dev ## Run every test that is not marked long, against a real PostgreSQL
	$(BIN)/pytest -n $(WORKERS) --dist worksteal -m "not long"

test-long: $(VENV)/.installed-dev ## Run the long tests (by hand, before an issue is closed; most of an hour)
	$(BIN)/pytest -n $(WORKERS) -m long

kafka: $(VENV)/.installed ## Fetch Kafka's programs for tests and the cluster (needs Java 17 and Maven)
	$(BIN)/python -m chassis.bus.broker

check: check-style check-types check-imports check-documents ## What CI checks: style, types, import contracts, locks, SQL, schemas

check-style: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

check-types: $(VENV)/.installed-dev
	$(BIN)/mypy

check-imports: $(VENV)/.installed-dev
	$(BIN)/lint-imports

check-documents: $(VENV)/.installed-dev
	$(BIN)/python -m tests.architecture.checks

collect: $(VENV)/.installed-dev ## Import every test and run none; what is compiled here need not be by each test process
	@$(BIN)/pytest --collect-only -m "not long" > $(VENV)/.collected || { cat $(VENV)/.collected; exit 1; }

format: $(VENV)/.installed-dev ## Format the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/.installed-dev ## Measure against quality targets; NAME=write runs one
	$(BIN)/python -m tests.benchmarks $(NAME)

chaos: $(VENV)/.installed-dev ## Kill every part at random under load, and account for every write (KILLS=200 SEED=)
	$(BIN)/python -m tests.chaos --kills $(KILLS) $(if $(SEED),--seed $(SEED))

openapi: $(VENV)/.installed ## Write the API documents and event schemas that are committed
	$(BIN)/xianjie openapi --write docs/api
	$(BIN)/xianjie events --write docs/events
	$(BIN)/xianjie asyncapi --write docs/api/asyncapi.json

baseline: $(VENV)/.installed ## At a release alone: what clients now have is what later documents are compared with
	$(BIN)/python -m tests.architecture.api_baseline

clean: ## Remove the data directory, caches and the environment
	@test ! -x $(BIN)/xianjie || $(BIN)/xianjie clean --data $(XIANJIE_DATA_DIR) --yes
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache *.egg-info
	find $(CODE) tests -name __pycache__ -prune -exec rm -rf {} +
