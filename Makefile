# Everything a person or CI does here starts from this file. `make` alone prints the list.
.DEFAULT_GOAL := help
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

VENV := .venv
BIN := $(VENV)/bin
# A stamp is touched when its step succeeded, so a second `make` does nothing.
STAMPS := $(VENV)/.stamps
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input

# Override: make install PYTHON=/path/to/python3.13
PYTHON ?=
# Debian's Chromium or another one on PATH drives the browser tests; override: ABONENT_CHROMIUM=/path
export ABONENT_CHROMIUM ?= $(shell command -v chromium || command -v chromium-browser || command -v google-chrome || true)

# Processes of the test run; chaos tests always run alone.
WORKERS ?= auto
PYTEST := $(BIN)/python -m pytest
# More arguments for pytest: make test ARGS='-k hub'
ARGS ?=
ifeq ($(strip $(ABONENT_CHROMIUM)),)
NOT_BROWSER := and not browser
endif

.PHONY: help install install-dev assets demo screenshots test test-all survey laws bench lint format lock browser-notice clean

help: ## print this list
	@grep -E '^[a-z-]+:.*## ' $(firstword $(MAKEFILE_LIST)) | sed -E 's/:.*## /\t/' \
		| awk -F '\t' '{printf "  make %-12s %s\n", $$1, $$2}'

install: $(STAMPS)/package assets ## make .venv, install Abonent with its locked dependencies, build the console's files

install-dev: install $(STAMPS)/dev ## the same, and the tools of development

assets: $(STAMPS)/package ## build the console's styles and scripts (needs Node.js)
	@if [ ! -f scripts/build_assets.py ]; then \
		echo "assets: nothing to build"; \
	elif ! command -v npm >/dev/null; then \
		echo "assets: Node.js with npm is missing, so the console has no styles yet. Install it, then 'make assets':"; \
		echo "    apt install nodejs npm"; \
	else \
		$(MAKE) -s $(STAMPS)/assets; \
	fi

demo: install ## a filled demo operator on this machine
	$(BIN)/abonent demo

screenshots: install-dev ## take the pictures of README and docs anew (needs Chromium)
	$(BIN)/python scripts/screenshots.py $(ARGS)

test: install-dev browser-notice ## the quick tests
	$(PYTEST) -n $(WORKERS) -m "not chaos and not survey and not slow $(NOT_BROWSER)" $(ARGS)

test-all: install-dev browser-notice ## every test; those that kill processes run last and alone
	@# The second run happens even if the first fails. pytest answers 5 when no test carries the mark: no failure.
	@status=0; \
	$(PYTEST) -n $(WORKERS) -m "not chaos and not survey $(NOT_BROWSER)" $(ARGS) || status=$$?; \
	$(PYTEST) -m chaos $(ARGS) || [ $$? -eq 5 ] || status=$$?; \
	exit $$status

survey: install-dev browser-notice ## walk every page of a full demo: every link, bad values, every look, times; long
	$(PYTEST) -m survey -s $(ARGS)

laws: install-dev ## the tests that read the source
	$(PYTEST) -q tests/laws $(ARGS)

bench: install-dev ## side-by-side benchmarks
	@if [ -f bench/run.py ]; then $(BIN)/python bench/run.py $(ARGS); else echo "bench: nothing to measure yet"; fi

lint: install-dev ## ruff, basedpyright and the import contracts
	@# All four run, so that one call shows all there is to mend.
	@status=0; \
	for tool in "ruff check" "ruff format --check" basedpyright lint-imports; do \
		echo "-- $$tool"; $(BIN)/$$tool || status=1; \
	done; exit $$status

format: install-dev ## rewrite the source in the common form
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

# The locks name no index: pip asks the one it is set up for, and the hashes say what may come from it.
# UPGRADE=--upgrade takes newer releases; UPGRADE='--upgrade-package starlette' takes one.
UPGRADE ?=
# pip's settings files are not read: files that only this machine has must not enter the lock.
LOCK := env -u PIP_FIND_LINKS -u PIP_EXTRA_INDEX_URL PIP_CONFIG_FILE=/dev/null \
	$(BIN)/pip-compile --quiet --no-header --build-deps-for=editable -c constraints.txt $(UPGRADE)
lock: $(STAMPS)/dev ## resolve the dependencies again and write both requirements files
	$(LOCK) -o requirements.txt pyproject.toml
	$(LOCK) --extra dev -c requirements.txt -o requirements-dev.txt pyproject.toml
	@if grep -nE '://|^ *-' requirements.txt requirements-dev.txt | grep -vE -- ' +--hash='; then \
		echo "lock: the lines above name an index or an option; they must not be there"; exit 1; fi

clean: ## remove .venv and everything built
	rm -rf $(VENV) build dist .pytest_cache .ruff_cache .import_linter_cache .hypothesis node_modules
	find src tests -name __pycache__ -type d -prune -exec rm -rf {} +

browser-notice:
ifneq ($(NOT_BROWSER),)
	@echo "browser tests are left out: no Chromium found. To run them: apt install chromium"
	@# CI sets this, so that a missing browser is a failure there.
	@[ "$${ABONENT_REQUIRE_BROWSER:-0}" != 1 ] || { echo "ABONENT_REQUIRE_BROWSER=1: giving up"; exit 1; }
endif

$(STAMPS)/venv:
	@if [ -x $(BIN)/python ] && $(BIN)/python -c 'import sys, pip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
		mkdir -p $(STAMPS); touch $@; exit 0; \
	fi; \
	python="$(PYTHON)"; \
	for candidate in $(if $(PYTHON),,python3 python3.14 python3.13 python3.12 python3.11); do \
		"$$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue; \
		python="$$candidate"; break; \
	done; \
	if [ -z "$$python" ]; then \
		echo "Python 3.11 or newer is needed and none was found. On Debian 12 or Ubuntu 24.04 and newer:"; \
		echo "    apt install python3 python3-venv"; exit 1; \
	fi; \
	if "$$python" -c 'import ensurepip, venv' 2>/dev/null; then "$$python" -m venv $(VENV); \
	elif "$$python" -c 'import virtualenv' 2>/dev/null; then "$$python" -m virtualenv --quiet $(VENV); \
	else \
		echo "$$python cannot make a virtual environment: its venv module is missing. Install it and run make again:"; \
		echo "    apt install python3-venv"; exit 1; \
	fi; \
	mkdir -p $(STAMPS); touch $@

$(STAMPS)/runtime: requirements.txt | $(STAMPS)/venv
	$(PIP) install --quiet --require-hashes --only-binary :all: -r requirements.txt
	@touch $@

$(STAMPS)/package: pyproject.toml $(STAMPS)/runtime
	$(PIP) install --quiet --no-deps --no-build-isolation -e .
	@touch $@

$(STAMPS)/dev: requirements-dev.txt | $(STAMPS)/venv
	$(PIP) install --quiet --require-hashes --only-binary :all: -r requirements-dev.txt
	@touch $@

$(STAMPS)/assets: scripts/build_assets.py $(wildcard package.json package-lock.json) | $(STAMPS)/package
	@echo "assets: building the console's styles and scripts"
	@$(BIN)/python scripts/build_assets.py
	@touch $@
