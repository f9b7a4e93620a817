# Two commands are enough: `make run` and `make test`. Needs Python 3.11 or newer with venv, and make.
PYTHON ?= python3
BIN := .venv/bin
# The tests start some two hundred processes. Where the shell says so, each would compile five hundred modules anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run test check bench e2e translations clean

run: .venv/runtime
	@$(BIN)/perennial demo

# SQLite always; PostgreSQL as well where one can be reached. What is skipped is said.
test: .venv/dev
	@$(BIN)/python tools/run_tests.py

check: .venv/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint --lint --quiet perennial
	$(BIN)/python tools/check_migrations.py
	$(BIN)/python tools/check_privacy.py
	$(BIN)/python tools/translations.py check

e2e: .venv/dev
	$(BIN)/python -m pytest -m e2e tests/e2e

# The list of parts, as CycloneDX has it.
sbom: .venv/dev
	$(BIN)/python tools/sbom.py

bench: .venv/dev
	$(BIN)/python bench/run.py

# Collects the wording from code and templates into perennial/locale, and compiles it.
translations: .venv/dev
	$(BIN)/python tools/translations.py update

.venv/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Perennial needs Python 3.11 or newer; name one with make PYTHON=python3.12")'
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bootstrap.txt
	@touch $@

.venv/runtime: .venv/python requirements/runtime.txt pyproject.toml tools/hatch_metadata.py
	@echo "Installing what Perennial needs; this happens once."
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements/runtime.txt
	@$(BIN)/python tools/link_checkout.py
	@touch $@

.venv/dev: .venv/runtime requirements/dev.txt
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements/dev.txt
	@touch $@

clean:
	rm -rf .venv build dist .mypy_cache .ruff_cache .hypothesis .import_linter_cache
