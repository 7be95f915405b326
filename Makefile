# Busyout. `make help` says what can be made. Everything sets itself up in .venv; nothing outside this directory changes,
# except that the system packages which tests and measurements use are installed where the user is root.
PYTHON ?= python3
BIN := .venv/bin
PINS := $(wildcard requirements/*.txt) pyproject.toml tools/bootstrap.py
COMPILE := $(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	--no-emit-index-url --no-emit-find-links

SIDE_BY_SIDE := --numprocesses 2 --dist loadgroup

.PHONY: help run test test-long check bench format docs requirements
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

help:  ## say what can be made
	@sed -n 's/^\([a-z-]*\):.*##/\1:/p' Makefile | while IFS=: read -r name text; do printf '  make %-14s%s\n' "$$name" "$$text"; done

run: .venv/ready-to-run  ## start the server with the embedded estate; its data is under .run
	@exec $(BIN)/busyout serve --data .run --stop-engines

test: check  ## check, then every test but the long ones
	@$(PYTHON) tools/bootstrap.py system sipp
	@$(BIN)/python -m pytest -p no:cacheprovider $(SIDE_BY_SIDE)

test-long: check  ## check, then every test: each step killed on both databases, and the tests of scale
	@$(PYTHON) tools/bootstrap.py system sipp
	@$(BIN)/python -m pytest -p no:cacheprovider --long -o faulthandler_timeout=3600

check: .venv/ready-to-dev  ## what can be seen without running it: style, types, layers, sizes, words, drawings
	@failed=0; try() { "$$@" || failed=1; }; \
	try $(BIN)/ruff check -q .; \
	try $(BIN)/ruff format -q --check .; \
	try $(BIN)/python tools/house.py; \
	try $(BIN)/python tools/draw_states.py --check; \
	try $(BIN)/python tools/write_commands.py --check; \
	try $(BIN)/python tools/write_faces.py --check; \
	try sh -c '$(BIN)/lint-imports --no-logo --cache-dir .import_linter_cache > .venv/imports || { cat .venv/imports; false; }'; \
	try $(BIN)/mypy --no-error-summary; \
	try $(BIN)/mypy --no-error-summary tools/*.py bench; \
	exit $$failed

bench: .venv/ready-to-dev  ## measure every promise against its peer
	@$(PYTHON) tools/bootstrap.py system sipp wrk
	@$(BIN)/python -m bench

format: .venv/ready-to-dev  ## put the code into its form
	@$(BIN)/ruff check -q --fix .
	@$(BIN)/ruff format -q .

docs: .venv/ready-to-dev  ## draw and write what is made from the code
	@$(BIN)/python tools/draw_states.py
	@$(BIN)/python tools/write_commands.py
	@$(BIN)/python tools/write_faces.py

requirements: .venv/ready-to-dev  ## pin anew what requirements/*.in ask for
	@$(COMPILE) -o requirements/build.txt requirements/build.in
	@$(COMPILE) -o requirements/dev.txt requirements/dev.in
	@$(COMPILE) -c requirements/dev.txt -o requirements/run.txt requirements/run.in

.venv/ready-to-run: $(PINS)
	@$(PYTHON) tools/bootstrap.py run

.venv/ready-to-dev: $(PINS)
	@$(PYTHON) tools/bootstrap.py dev
