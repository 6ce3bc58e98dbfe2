# In: a checkout and python3 >= 3.11. Out: each target below does all of its own set-up.
# A stamp (.installed, .built) is written last, so an interrupted step simply runs again.

PYTHON ?= python3
TOO_OLD = $(PYTHON) is older than 3.11: make PYTHON=/path/to/python3.11
BIN := .venv/bin
NPM := $(BIN)/python tools/run_npm.py
INSTALLED := .venv/.installed
MODULES := web/node_modules/.installed
WEBAPP := cutouts/webapp/.built
WEB_SOURCES := $(shell find web -name node_modules -prune -o -name dist -prune -o -type f ! -name '*.timestamp-*' -print 2>/dev/null)
SCREENSHOTS ?= $(CURDIR)/build/screenshots
WITH_CHROMIUM := CHROME="$$($(BIN)/python tools/find_chromium.py)" && export CHROME &&

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo test check format web extension wheel bench clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-9s %s\n", $$1, $$2 }' Makefile

demo: $(INSTALLED) $(WEBAPP) ## Train on 20 Newsgroups, prove the bundle in Chromium, serve it
	@$(WITH_CHROMIUM) $(BIN)/cutouts demo

test: $(INSTALLED) $(WEBAPP) ## Run every test, those in real browsers included; keep pictures of the screens
	$(NPM) test
	rm -rf build/screenshots
	mkdir -p "$(SCREENSHOTS)"
	$(WITH_CHROMIUM) SCREENSHOTS="$(SCREENSHOTS)" $(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder

check: $(INSTALLED) $(MODULES) ## Check format, lint and types on both sides
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(NPM) run check

format: $(INSTALLED) ## Format the Python side, repair what ruff can, write docs/cli.md from the parser
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .
	$(BIN)/python tools/write_cli_docs.py

web: $(WEBAPP) ## Build the web part into cutouts/webapp

extension: $(INSTALLED) $(WEBAPP) ## Build the browser extension, without a model, into dist/extension
	@$(BIN)/python tools/build_extension.py

wheel: $(INSTALLED) $(WEBAPP) ## Build the wheel, web part inside, into dist
	$(BIN)/python -m pip --disable-pip-version-check -qq wheel --no-deps --no-build-isolation --wheel-dir dist .
	@ls dist/*.whl

bench: $(INSTALLED) $(WEBAPP) ## Print the tables of docs/results.md (BENCH="--data DIR size" chooses)
	$(WITH_CHROMIUM) $(BIN)/python -m bench $(BENCH)

clean: ## Remove everything that make made, the caches of downloads apart
	rm -rf .venv build dist demo cutouts/webapp web/node_modules .mypy_cache .pytest_cache .ruff_cache .hypothesis

$(INSTALLED): pyproject.toml hatch_build.py
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "$(TOO_OLD)")'
	@$(PYTHON) tools/make_venv.py

$(MODULES): web/package.json web/package-lock.json | $(INSTALLED)
	@$(NPM) ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

$(WEBAPP): $(WEB_SOURCES) LICENSE cutouts/bundle.schema.json $(MODULES)
	@$(NPM) run build --loglevel=error
	@touch $@
