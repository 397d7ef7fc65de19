# Everything a developer or a build server runs. `make` alone lists the targets.
#
# Nothing outside this checkout is changed, with one exception: as root on Debian or Ubuntu, system packages that are
# missing (Python's venv module, the servers of the tests) are installed with apt-get.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help

# Any Python from 3.11 on: `make test PYTHON=python3.13`. Left empty, the first one that fits is taken.
PYTHON ?=
# Workers of the test run (pytest-xdist): `make test JOBS=0` runs in one process, which is what a debugger needs.
JOBS ?= 3
# More words for pytest or for the benchmarks: `make test ARGS="tests/unit -k money"`.
ARGS ?=
UV_VERSION := 0.13.8

VENV := .venv
BIN := $(VENV)/bin
# --no-deps: the lock is complete, so pip need not resolve anything and cannot pull in what the lock does not name.
PIP_INSTALL := $(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps
INSTALL_LOCK := $(PIP_INSTALL) --require-hashes -r

.PHONY: help
help: ## List the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-8s %s\n", $$1, $$2}'

.PHONY: demo
demo: $(VENV)/.project ## Sample orders in, invoices out, on this machine, with no server
	@$(BIN)/billhook demo

.PHONY: test
test: $(VENV)/.dev $(VENV)/.project ## Run all tests, against real services that are started for the run
	@$(BIN)/python -m tests.services
	@$(BIN)/python -m pytest -n $(JOBS) --dist worksteal $(ARGS)

# Each check runs even when one before it failed, so that one run shows everything that is wrong.
.PHONY: check
check: $(VENV)/.dev $(VENV)/.project ## Formatting, lint, types and import contracts
	@failed=0; \
	$(BIN)/ruff format --check . || failed=1; \
	$(BIN)/ruff check . || failed=1; \
	$(BIN)/mypy || failed=1; \
	$(BIN)/lint-imports || failed=1; \
	exit $$failed

.PHONY: bench
bench: $(VENV)/.bench $(VENV)/.project ## Run the benchmarks
	@$(BIN)/python -m tests.services
	@$(BIN)/python -m tests.benchmarks $(ARGS)

# Pins that still fit are kept; `make lock UPGRADE=--upgrade` takes the newest of everything.
# One lock is the floor of the next, so the same versions serve production, tests and benchmarks.
UPGRADE ?=
UV := $(VENV)/uv/bin/uv
COMPILE := $(UV) pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	--no-emit-index-url --no-emit-find-links --group build $(UPGRADE)
.PHONY: lock
lock: $(UV) ## Resolve pyproject.toml into the three requirements files
	@$(COMPILE) -o requirements.txt
	@$(COMPILE) --group dev -c requirements.txt -o requirements-dev.txt
	@$(COMPILE) --group dev --group bench -c requirements-dev.txt -o requirements-bench.txt

# The resolver has a folder of its own: it is no part of what runs or is tested.
$(UV): $(VENV)/.created
	@$(BIN)/python -m venv $(VENV)/uv
	@$(VENV)/uv/bin/python -m pip install -qq --disable-pip-version-check uv==$(UV_VERSION)
	@touch $@

# Empty files note what is installed; make compares them with the locks and so installs nothing twice.
$(VENV)/.runtime: requirements.txt $(VENV)/.created
	@echo "Installing the libraries that $< names into $(VENV) (once; they are about 100 MB)"
	@$(INSTALL_LOCK) $<
	@touch $@

$(VENV)/.dev: requirements-dev.txt $(VENV)/.runtime
	@echo "Installing the test tools that $< names into $(VENV)"
	@$(INSTALL_LOCK) $<
	@touch $@

$(VENV)/.bench: requirements-bench.txt $(VENV)/.dev
	@echo "Installing the rivals that $< names into $(VENV)"
	@$(INSTALL_LOCK) $<
	@touch $@

# Editable, so that the command runs the code of this checkout. setuptools comes from the lock: no build isolation.
$(VENV)/.project: pyproject.toml $(VENV)/.runtime
	@$(PIP_INSTALL) --no-build-isolation --editable .
	@touch $@

# A moved checkout or an upgraded system Python leaves a folder whose commands point nowhere, or at another checkout.
ifneq ($(shell $(BIN)/python -c 'print(open("$(VENV)/.created").read())' 2>/dev/null),$(CURDIR))
.PHONY: $(VENV)/.created
endif

$(VENV)/.created:
	@python="$(PYTHON)"; \
	for candidate in $${python:-python3 python3.14 python3.13 python3.12 python3.11}; do \
	  if "$$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then found="$$candidate"; break; fi; \
	done; \
	if [ -z "$${found:-}" ]; then \
	  echo "Billhook needs Python 3.11 or newer, and $${python:-python3} is not. Name one with: make PYTHON=/path/to/python3" >&2; exit 1; \
	fi; \
	if ! "$$found" -c 'import ensurepip, venv' 2>/dev/null; then \
	  package="python$$("$$found" -c 'import sys; print("%d.%d" % sys.version_info[:2])')-venv"; \
	  if [ "$$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then \
	    echo "This Python cannot make virtual environments. Install its venv package (on Debian: apt-get install $$package) and try again." >&2; \
	    exit 1; \
	  fi; \
	  echo "Installing $$package"; \
	  apt-get update -qq; \
	  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$$package" >/dev/null; \
	fi; \
	rm -rf $(VENV); \
	"$$found" -m venv $(VENV); \
	printf '%s' "$(CURDIR)" > $@

.PHONY: clean
clean: ## Remove everything that was built here (the data of a demo in var/ stays)
	@rm -rf $(VENV) build dist ./*.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .grimp_cache
	@find . -name __pycache__ -type d -not -path './.git/*' -prune -exec rm -rf {} +
