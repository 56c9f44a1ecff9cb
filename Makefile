# Every check of the project, from nothing but Python 3.11+ and git: `make test`.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
NOTEBOOKS := $(wildcard notebooks/*.ipynb)
# Of a notebook that was run: all that nbval needs to compare it, and no more.
KEPT := --keep-output --keep-count --keep-id
FIRST_NOTEBOOK := notebooks/01-explore-a-store.ipynb
# In a container one often is root, which Jupyter refuses unless it is told.
AS_ROOT := $(if $(filter 0,$(shell id -u)),--allow-root)

.DEFAULT_GOAL := help
# The checks run one after the other, cheapest first, also under `make -j`.
.NOTPARALLEL:

# A stamp says which extras are installed; it is as old as the pyproject.toml it came from.
ENVIRONMENT := $(VENV)/stamp-python
CHECKS := $(VENV)/stamp-checks
LAB := $(VENV)/stamp-lab
BENCHMARK := $(VENV)/stamp-benchmark

.PHONY: help
help: ## Say what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: test
test: lint types imports tests notebooks ## Run every check; makes .venv first if need be

.PHONY: lab
lab: $(LAB) ## Open the first notebook in JupyterLab
	$(BIN)/jupyter lab $(AS_ROOT) $(FIRST_NOTEBOOK)

.PHONY: lint
lint: $(CHECKS) ## Style, format, spelling, clean notebooks
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/codespell
	$(BIN)/nbstripout --verify $(KEPT) $(NOTEBOOKS)

.PHONY: types
types: $(CHECKS) ## mypy --strict, and pyright strict on zstore
	$(BIN)/mypy
	$(BIN)/pyright

.PHONY: imports
imports: $(CHECKS) ## Imports point down the layers of the library
	$(BIN)/lint-imports

.PHONY: tests
tests: $(CHECKS) ## Tests and doctests, with branch coverage
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest
	$(BIN)/coverage report

.PHONY: notebooks
notebooks: $(CHECKS) ## Run the notebooks and compare their outputs
	$(BIN)/python -m pytest --nbval --nbval-current-env notebooks

.PHONY: benchmark
benchmark: $(BENCHMARK) ## Time zstore beside zarr-python, obstore and tensorstore
	$(BIN)/python -m tests.benchmarks

.PHONY: format
format: $(CHECKS) ## Format the code and tidy the notebooks
	$(BIN)/ruff check --fix
	$(BIN)/ruff format
	$(BIN)/nbstripout $(KEPT) $(NOTEBOOKS)

.PHONY: hooks
hooks: $(CHECKS) ## Check the changed files at every commit
	$(BIN)/pre-commit install

.PHONY: clean
clean: ## Remove .venv and all that the checks leave behind
	rm -rf $(VENV) .coverage .coverage.* .hypothesis .import_linter_cache
	rm -rf .mypy_cache .pytest_cache .ruff_cache build dist
	find zstore widgets tests notebooks -name __pycache__ -prune -exec rm -rf {} +

$(ENVIRONMENT):
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit( \
	    "zstore needs Python 3.11 or later, and $(PYTHON) is " + sys.version.split()[0] \
	    + "; name another one: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	@touch $@

$(CHECKS): $(ENVIRONMENT) pyproject.toml
	$(BIN)/python -m pip install --quiet --editable '.[test,lint]'
	@touch $@

$(LAB): $(ENVIRONMENT) pyproject.toml
	$(BIN)/python -m pip install --quiet --editable '.[lab]'
	@touch $@

$(BENCHMARK): $(ENVIRONMENT) pyproject.toml
	$(BIN)/python -m pip install --quiet --editable '.[benchmark]'
	@touch $@
