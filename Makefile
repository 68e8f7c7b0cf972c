# The one list of commands: README, CONTRIBUTING and .ci/run use these targets.
# PURPOSES: what Debian packages are for, so that one call of apt-get installs all of them.
# The virtual environment is a target: run.stamp is enough to serve, unit.stamp for the tests that
# need no server and no compiler, dev.stamp to test and build everything.
# `make help` shows the targets that have a line of help, under the headings.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: run run-lambda reset unit coverage test test-mysql fuzz nightly pin-report fmt lint types bench docs check sdl explain preview package audit token lock release help

export PYTHON ?= python3
BIN := .venv/bin
AURORA := $(BIN)/python -m aurora_graphql
PIP := PIP_DISABLE_PIP_VERSION_CHECK=1 $(BIN)/pip install --quiet --no-compile --no-deps \
	--require-hashes --no-build-isolation
# A process of pytest for each core; a file's tests stay together, so what they share is made once.
PARALLEL := -n auto --dist loadfile --no-loadscope-reorder
# What needs Python's packages alone and no patience: tests/conftest.py explains the markers.
UNIT := -m 'not server and not slow and not nightly' tests/handler tests/components $(wildcard tests/test_*.py)
COMPILE = $(BIN)/uv pip compile --quiet --universal --fork-strategy fewest --generate-hashes --no-emit-index-url \
	--no-annotate --no-header $(UPGRADE)

##@ Use: an API on this machine, and what it would do

run: PURPOSES := build serve
run: .venv/run.stamp ## Serve the example API on http://127.0.0.1:8000/ (PORT=8001 ARGS="--sql", docs/local.md)
	@sh aurora_graphql/dev/packages.sh serve
	@exec $(AURORA) dev $(ARGS)

run-lambda: PURPOSES := build serve
run-lambda: .venv/dev.stamp ## The same by Lambda's runtime client and rules; slower, no debugger (ARCHIVE=dist/handler.zip)
	@sh aurora_graphql/dev/packages.sh serve
	@exec $(AURORA) dev --lambda

reset: .venv/run.stamp ## Remove the data of `make run` (virtual environment and packages stay)
	@$(AURORA) reset

token: .venv/run.stamp ## Print a token of the local issuer (SCOPES="orders:read" SUBJECT=me CLAIM=customer_id=VINET)
	@$(AURORA) token --scopes "$(SCOPES)" $(if $(SUBJECT),--subject "$(SUBJECT)") $(if $(CLAIM),--claim "$(CLAIM)")

sdl: PURPOSES := build
sdl: .venv/run.stamp ## Write SDL for the tables of DATABASE_URL into SDL_DIR, or tell how they differ (ARGS="--add films")
	@$(AURORA) sdl "$${SDL_DIR:?write make sdl SDL_DIR=folder DATABASE_URL=mysql://...}" $(ARGS)

check: PURPOSES := build serve
check: .venv/run.stamp ## Compare the SDL with the database: columns, types, indexes (FAIL_ON=warning ROWS=1e7 ALL=1, docs/check.md)
	@sh aurora_graphql/dev/packages.sh serve
	@$(AURORA) check $(if $(FAIL_ON),--fail-on $(FAIL_ON)) $(if $(ROWS),--rows $(ROWS)) $(if $(ALL),--all)

# By way of $(value): a document may hold dollar signs, which make would expand.
explain: export DOCUMENT := $(value Q)
explain: PURPOSES := build serve
explain: .venv/run.stamp ## Show plan, SQL and EXPLAIN of a document (Q='{ orders { nodes { total } } }' SCOPES=orders:read CLAIM=customer_id=VINET)
	@sh aurora_graphql/dev/packages.sh serve
	@$(AURORA) explain "$${DOCUMENT:?write make explain Q='...'}" \
		$(if $(SCOPES),--scopes "$(SCOPES)") $(if $(CLAIM),--claim "$(CLAIM)")

##@ Deploy: the archive and the stack

package: .venv/dev.stamp ## Build the Lambda archive dist/ (ARCHITECTURE=arm64 RDS_CA_BUNDLE=file, docs/packaging.md)
	@$(AURORA) package

audit: .venv/dev.stamp ## Ask for known vulnerabilities of what the archive holds (AUDIT_REQUIRED=1 in CI)
	@$(AURORA) audit

preview: .venv/dev.stamp .venv/checkov.stamp ## Show a stack without an account (STACK=prod AGAINST=dev or a revision, REQUESTS=1e7 HIT_RATE=0.8)
	@$(AURORA) preview $(STACK) $(if $(AGAINST),--against $(AGAINST)) \
		$(if $(REQUESTS),--requests $(REQUESTS)) $(if $(HIT_RATE),--hit-rate $(HIT_RATE))

release: .venv/dev.stamp ## Make the files of a release, build/release: wheel, sdist, plugin, notes (workflow release)
	@$(BIN)/python .ci/release.py

##@ Maintain: tests, checks, locks

unit: PURPOSES := python
unit: .venv/unit.stamp ## Run the tests that need no server, no compiler and no browser: under a minute
	$(BIN)/python -m pytest $(PARALLEL) $(UNIT) $(ARGS)

coverage: PURPOSES := python
coverage: .venv/unit.stamp ## Run the same tests, and print what share of the code's lines they run
	$(BIN)/python -m pytest $(PARALLEL) $(UNIT) -q --cov=handler --cov=components --cov-report= $(ARGS)
	@echo "make unit runs $$($(BIN)/python -m coverage report --format=total) % of the lines of handler/ and components/"

# Each process has servers of its own; ARGS are for a part, which one process runs, or say -n.
# --apart: what reads the example outside tests/example fails (tests/apart.py).
test: PURPOSES := build serve browse
test: .venv/dev.stamp .venv/checkov.stamp ## Run the whole test suite, a process for each core (ARGS="tests/handler -k name" for a part of it)
	@sh aurora_graphql/dev/packages.sh serve browse
	$(BIN)/python -m pytest --apart --durations=10 $(or $(ARGS),$(PARALLEL))

# What is different on another server, if anything is: statements, values, orders, plans, access.
TOLD_BY_MYSQL := argument_states bytes_sets_shapes cache every_type filter_access filter_inputs first_rows full_text \
	global_ids groups label_orders migrate page_numbers reference relations relevance row_access_clinic rows_read \
	searched_indexes server_differences sort_access sorts staff united_lists united_texts where
test-mysql: PURPOSES := build serve
test-mysql: export SERVER := mysql
test-mysql: export CACHE_SERVER := valkey
test-mysql: .venv/dev.stamp ## Run the tests on a MySQL and a Valkey that tell most (all of them: make test SERVER=mysql)
	@sh aurora_graphql/dev/packages.sh serve
	$(BIN)/python -m pytest $(or $(ARGS),$(PARALLEL) tests/handler/test_golden.py::test_plan_statements_and_answer \
		$(patsubst %,tests/integration/test_%.py,$(TOLD_BY_MYSQL)))

nightly: PURPOSES := build serve browse
nightly: .venv/dev.stamp ## Run the tests that take minutes (ARGS="-k faults" for a part of them)
	@sh aurora_graphql/dev/packages.sh serve browse
	$(BIN)/python -m pytest -m nightly --hypothesis-profile=default -o timeout=3600 $(ARGS)

fuzz: PURPOSES := build serve
fuzz: .venv/dev.stamp ## Ask the running API 500 generated operations for each field (Schemathesis, minutes)
	@sh aurora_graphql/dev/packages.sh serve
	$(BIN)/python -m pytest -m nightly --hypothesis-profile=default -o timeout=3600 tests/integration/test_fuzz.py $(ARGS)

pin-report: PURPOSES := build serve
pin-report: .venv/dev.stamp ## Record what is sent to MySQL on the wire: does it pin RDS Proxy? (`make test` records its own)
	@sh aurora_graphql/dev/packages.sh serve
	$(BIN)/python -m tests.pins

fmt: .venv/dev.stamp ## Format the Python files and sort their imports
	$(BIN)/ruff check --quiet --select I --fix .
	$(BIN)/ruff format .

lint: .venv/dev.stamp ## Check format and lint rules; changes nothing
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: .venv/dev.stamp ## Check the types (mypy --strict, tests included)
	$(BIN)/mypy

docs: .venv/dev.stamp ## Build the pages as a site, build/site/index.html; a link to nowhere stops it
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict
	@echo "build/site/index.html"

bench: PURPOSES := build serve
bench: .venv/dev.stamp ## Run the benchmarks (ARGS=ingest for one of them)
	@sh aurora_graphql/dev/packages.sh serve
	@$(BIN)/python -m benchmarks $(ARGS)

lock: .venv/dev.stamp ## Resolve pyproject.toml into requirements/*.lock (UPGRADE=--upgrade for newer versions)
	$(COMPILE) pyproject.toml --all-extras --group dev --output-file requirements/dev.lock
	$(COMPILE) pyproject.toml --extra resolvers --extra page -c requirements/dev.lock --output-file requirements/run.lock
	$(COMPILE) aurora_graphql/archive/packages.in --group pyproject.toml:server -c requirements/dev.lock \
		--output-file requirements/server.lock
	$(COMPILE) plugin/requirements.txt -c requirements/dev.lock --output-file requirements/infra.lock
	$(COMPILE) aurora_graphql/archive/packages.in aurora_graphql/archive/runtime.in -c requirements/dev.lock \
		--output-file aurora_graphql/archive/packages.lock
	$(COMPILE) --group pyproject.toml:build --output-file requirements/build.lock
	$(COMPILE) requirements/checkov.in --output-file requirements/checkov.lock
	$(COMPILE) benchmarks/peers/python/requirements.in -c requirements/dev.lock \
		--output-file benchmarks/peers/python/requirements.txt

help: # Without a line of its own.
	@awk -F ':.*## ' '/^##@ / {printf "\n%s\n", substr($$0, 5)} \
		/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# pip comes last into a new environment, so one that was cut off is completed.
.venv/bin/pip:
	@sh aurora_graphql/dev/packages.sh $(or $(PURPOSES),build)
	@$(PYTHON) -c 'import sys; sys.exit(None if sys.version_info >= (3, 11) else \
		"Python 3.11 or newer is needed; if there is one, type: make PYTHON=python3.12")'
	$(PYTHON) -m venv .venv

.venv/run.stamp: .venv/bin/pip requirements/build.lock requirements/run.lock
	@sh aurora_graphql/dev/packages.sh build
	@echo "installing the locked dependencies"
	@$(PIP) -r requirements/build.lock
	@$(PIP) -r requirements/run.lock
	@touch $@

# All that needs no compiler: everything but Tartiflette, which runs @resolver functions.
.venv/unit.stamp: PURPOSES := python
.venv/unit.stamp: .venv/bin/pip requirements/dev.lock
	@awk '/^[a-z]/ {kept = !/^tartiflette==/} kept' requirements/dev.lock > .venv/unit.lock
	@$(PIP) --only-binary :all: -r .venv/unit.lock
	@touch $@

.venv/dev.stamp: .venv/run.stamp requirements/dev.lock
	@$(PIP) -r requirements/dev.lock
	@touch $@

# All that the stack program needs: no compiler, and nothing else beside the rights to deploy.
.venv/infra.stamp: PURPOSES := python
.venv/infra.stamp: .venv/bin/pip requirements/infra.lock
	@$(PIP) --only-binary :all: -r requirements/infra.lock
	@touch $@

# A tool with an environment of its own: it wants other versions of what the project uses.
.venv/checkov.stamp: .venv/bin/pip requirements/checkov.lock
	@$(PYTHON) -m venv .venv/checkov
	@PIP_DISABLE_PIP_VERSION_CHECK=1 .venv/checkov/bin/pip install --quiet --no-compile --no-deps \
		--require-hashes --only-binary :all: -r requirements/checkov.lock
	@touch $@
