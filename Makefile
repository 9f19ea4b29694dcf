# One command per habit. Each does all of its own set-up: nothing but Python 3.11+ and make is needed.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
# A shell without an environment (cron, `env -i`) has no PATH; Python needs one to find itself.
export PATH := $(or $(PATH),/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin)

VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
# The first of these that is Python 3.11 or newer; `make setup PYTHON=/path/to/python` decides for it.
CANDIDATES := python3.11 python3.12 python3.13 python3
PYTHON ?= $(firstword $(foreach name,$(CANDIDATES),$(shell $(name) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $(name))))
# Real data for the tests that need it, when it lies beside the checkout.
export LAUNCHMATCH_DATA ?= $(wildcard $(abspath ../shared/data))

.PHONY: help setup demo run run-postgres soak test test-browser test-fast browser test-postgres lint bench docs pins clean

help: ## Show what there is.
	@grep -hE '^[a-z-]+[a-zA-Z%-]*:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([^:]+):.*## (.*)/  make \1\t\2/' | expand -t 24

setup: $(INSTALLED) ## Make the virtual environment and install everything into it.

$(INSTALLED): pyproject.toml
	@if [ -z "$(PYTHON)" ]; then echo "Launchmatch needs Python 3.11 or newer, and none was found; install it or name one: make setup PYTHON=/path/to/python3.11" >&2; exit 1; fi
	@"$(PYTHON)" -c 'import sys; sys.version_info >= (3, 11) or sys.exit(f"Launchmatch needs Python 3.11 or newer; $(PYTHON) is {sys.version.split()[0]}; name another: make setup PYTHON=/path/to/python3.11")'
	@"$(PYTHON)" -c 'import shutil, sys; free = shutil.disk_usage(".").free / 2**30; free >= 4 or sys.exit(f"Launchmatch needs 4 GiB of disk for its installation; {free:.1f} GiB are free here")'
	"$(PYTHON)" -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable '.[service,backend,encoder,bench,dev]'
	@touch $@

demo: $(INSTALLED) ## A startup platform with a model trained in front of you (DATA=path/to/crunch2013.zip for the real one).
	@exec $(BIN)/python deploy/demo.py $(if $(DATA),--data "$(DATA)") $(DEMO_ARGS)

run: $(INSTALLED) ## The platform and the service on DATABASE_URL, by default on SQLite in var/.
	@exec $(BIN)/python deploy/run.py $(RUN_ARGS)

run-postgres: $(INSTALLED) ## The same on a PostgreSQL server of its own, in var/postgresql.
	@exec $(BIN)/python deploy/run.py --postgres $(RUN_ARGS)

soak: $(INSTALLED) ## Ten minutes of mixed load with swaps, changes and faults; writes benchmarks/results/soak.json.
	$(BIN)/python benchmarks/soak.py $(SOAK_ARGS)

test: lint browser ## Everything: lint, all tests on SQLite, then the database tests on a real PostgreSQL.
	$(BIN)/python deploy/run_tests.py

browser: $(INSTALLED) ## Find a Chromium for the browser tests, or bring one.
	-@$(BIN)/python deploy/browser.py --install

test-browser: browser ## The tests that drive a real Chromium through the pages.
	$(BIN)/python -m pytest -q tests/browser

test-fast: $(INSTALLED) ## The tests that need only seconds.
	$(BIN)/python -m pytest -q -n 2 -m "not slow and not encoder and not data" \
		--ignore=recommendation_service/test_two_tower_integration.py

test-postgres: $(INSTALLED) ## The tests that touch the database, on a real PostgreSQL.
	$(BIN)/python deploy/with_postgres.py -- $(BIN)/python -m pytest -q -m "not encoder and not data" tests/backend tests/recommendation_service/adapters

lint: $(INSTALLED) ## Style, types, floors and security.
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	PYTHONPATH=backend $(BIN)/lint-imports
	$(BIN)/bandit -q -r contracts backend recommendation_service -c pyproject.toml

bench: bench-loop bench-quality bench-training bench-pages bench-serving ## Every benchmark that there is.

# Score matrices of 150 MiB come and go with every step: glibc must keep them instead of asking for fresh pages.
bench-quality: export MALLOC_MMAP_THRESHOLD_ = 1073741824
bench-quality: export MALLOC_TRIM_THRESHOLD_ = 8589934592

bench-%: $(INSTALLED) ## Run benchmarks/NAME.py, which writes benchmarks/results/NAME.json.
	$(BIN)/python benchmarks/$*.py $(BENCH_ARGS)

docs: $(INSTALLED) ## Render what is rendered: docs/benchmarks.md from the results.
	$(BIN)/python benchmarks/render.py

pins: $(INSTALLED) ## Pin recommendation_service/requirements.txt to what is installed here.
	$(BIN)/python deploy/pin_requirements.py

clean: ## Remove everything that was generated, the virtual environment and the demo included.
	rm -rf $(VENV) var build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	rm -rf recommendation_service/data recommendation_service/models backend/staticfiles
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
