# Everything a person or the CI does with a checkout. `make run` on a fresh machine is enough to see the demo line.
.DEFAULT_GOAL := help
.SUFFIXES:
.NOTPARALLEL:

# Checks and tests need no screen; a developer who wants real windows sets QT_QPA_PLATFORM=xcb.
OFFSCREEN := QT_QPA_PLATFORM=$(or $(QT_QPA_PLATFORM),offscreen)

SETUP := tools/find-python -m tools.setup
BIN := .venv/bin
CODE := hmi benchmarks tools plugins
COMPILE := $(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --python-version 3.11 \
	--custom-compile-command "make lock" pyproject.toml --extra gui

.PHONY: help
help: ## show this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /make \1\t/' | expand -t 16

.PHONY: run
run: install ## set up what is missing and start the demo line: soft PLCs, station and panel
	@$(BIN)/hmi demo

.PHONY: install
install: ## set up .venv to run Lineside, and nothing else
	@$(SETUP)

.PHONY: dev
dev: ## set up .venv with the tools for tests and checks too
	@$(OFFSCREEN) $(SETUP) --dev

# Goes on after a failure, so that one run shows everything there is to mend; any failure fails it.
.PHONY: test
test: dev ## everything that decides whether a change is good: checks, types, layers, tests
	@$(MAKE) --no-print-directory --keep-going check unit

.PHONY: check style types layers
check: style types layers ## formatting, lint, types and layers, without running anything

style: dev
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check --quiet .

types: dev
	@$(BIN)/mypy $(addprefix --package ,$(CODE))

layers: dev
	@$(BIN)/lint-imports --no-cache

# A file's tests stay in one worker: its soft PLCs and stations are started once, not once a worker. The order of sets is
# fixed, so that a failure repeats and both workers collect the same; `make soak` leaves it to chance.
.PHONY: unit
unit: dev ## the tests alone
	@$(OFFSCREEN) PYTHONHASHSEED=0 $(BIN)/python -m pytest -m "not soak" -n 2 --dist loadfile

.PHONY: soak
soak: dev ## the long runs that make test leaves out
	@$(OFFSCREEN) HYPOTHESIS_PROFILE=soak $(BIN)/python -m pytest -m soak -q --timeout 7200

.PHONY: bench
bench: dev ## run every benchmark and print a table (BENCH=--quick for a minute each)
	@$(OFFSCREEN) $(BIN)/python -m benchmarks $(BENCH)

.PHONY: shots
shots: install ## render every page of the panel into build/shots, and renew the pictures in docs/images
	@$(BIN)/python -m tools.shots build/shots

.PHONY: docs
docs: dev ## check the documents: links, commands, decision records
	@$(OFFSCREEN) $(BIN)/python -m pytest -q tests/test_docs.py

.PHONY: format
format: dev ## put the code in shape
	@$(BIN)/ruff check --quiet --fix .
	@$(BIN)/ruff format --quiet .

.PHONY: lock
lock: dev ## renew requirements/*.txt from pyproject.toml, with hashes and without addresses
	@$(COMPILE) --group build -o requirements/run.txt
	@$(COMPILE) --group dev -o requirements/dev.txt

.PHONY: clean
clean: ## remove everything that is made: .venv, caches, builds
	@rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .benchmarks .import_linter_cache
	@find hmi benchmarks tools tests plugins -name __pycache__ -type d -prune -exec rm -rf {} +
