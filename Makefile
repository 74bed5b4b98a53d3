# Erasure. "make" alone lists what there is. Needs make and Python 3.11 or newer.

PYTHON ?= python3
PY = .venv/bin/python
DATABASE_URL ?= postgres://postgres@127.0.0.1:5432/erasure
REDIS_URL ?= redis://127.0.0.1:6379/0
CONTRACTS ?=
ARGS ?=
# Tests and checks read nothing of the surroundings but what they are told.
CLEAN = env -u DATABASE_URL -u REDIS_URL -u DJANGO_SETTINGS_MODULE
PYTEST = $(PY) -m pytest -n auto --dist worksteal

.DEFAULT_GOAL := help
.PHONY: help setup setup-tests demo run test check test-services test-contract test-browser
.PHONY: messages verify-independent
.DELETE_ON_ERROR:

help:
	@echo "make demo           one erasure from request to certificate, against played vendors"
	@echo "make run            a trial installation with its admin (PORT=8000)"
	@echo "make test           the tests; needs nothing but Python"
	@echo "make check          lint, types, security lint, import ranks, migrations"
	@echo "make test-services  every test that opens a database, on PostgreSQL and Redis (DATABASE_URL=, REDIS_URL=)"
	@echo "make test-contract  connectors and sandbox against a vendor's API files (CONTRACTS=folder)"
	@echo "make test-browser   the pages in Chromium"
	@echo "make verify-independent FILE=certificate.pdf  judges it with pdfsig and openssl (TRUST=trust.txt)"
	@echo "make messages       compiles the translated texts (needs msgfmt)"
	@echo "make setup          the virtual environment in .venv (PYTHON=python3)"

setup: .venv/.ready
setup-tests: .venv/.ready-tests

define fail_unless_python
	@command -v "$(PYTHON)" >/dev/null || \
	  { echo "Python 3.11 or newer is needed, and '$(PYTHON)' was not found: name one with PYTHON=..." >&2; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed, and '$(PYTHON)' is $$("$(PYTHON)" -V 2>&1): name one with PYTHON=..." >&2; exit 1; }
	@"$(PYTHON)" -c 'import venv, ensurepip' 2>/dev/null || \
	  { echo "'$(PYTHON)' has no venv module: install it (Debian: apt install python3-venv) or name another with PYTHON=..." >&2; exit 1; }
	@mkdir -p .venv 2>/dev/null && test -w . && test -w .venv || \
	  { echo "The virtual environment cannot be made: this folder is not writable." >&2; exit 1; }
endef

.venv/.ready: requirements.txt
	$(fail_unless_python)
	@$(PY) -c '' 2>/dev/null || "$(PYTHON)" -m venv --clear .venv
	@echo "Installing packages into .venv ..."
	@$(PY) -m pip install --quiet --disable-pip-version-check -r requirements.txt || \
	  { echo "The packages could not be installed: see the lines above." >&2; exit 1; }
	@touch $@

.venv/.ready-tests: tests/requirements.txt .venv/.ready
	@echo "Installing test packages into .venv ..."
	@$(PY) -m pip install --quiet --disable-pip-version-check -r tests/requirements.txt || \
	  { echo "The test packages could not be installed: see the lines above." >&2; exit 1; }
	@touch $@

demo: setup
	@$(PY) manage.py demo $(ARGS)

run: setup
	@$(PY) manage.py services $(ARGS)

test: setup-tests
	$(CLEAN) $(PYTEST) $(ARGS)

check: setup-tests
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	$(PY) -m bandit -q -ll -ii -c pyproject.toml -r erasure config manage.py
	$(CLEAN) $(PY) -m pytest -q tests/test_imports.py
	$(CLEAN) DJANGO_SETTINGS_MODULE=config.settings.test $(PY) manage.py check --fail-level WARNING
	$(CLEAN) DJANGO_SETTINGS_MODULE=config.settings.test $(PY) manage.py makemigrations --check --dry-run

test-services: setup-tests
	DATABASE_URL="$(DATABASE_URL)" REDIS_URL="$(REDIS_URL)" $(PYTEST) --no-skips \
	  --touching-services -m "not browser and not contract" $(ARGS)

test-contract: setup-tests
	@test -d "$(CONTRACTS)" || \
	  { echo "Name the folder of the API files: make test-contract CONTRACTS=folder" >&2; exit 1; }
	CONTRACTS="$(CONTRACTS)" $(CLEAN) $(PY) -m pytest --no-skips -m contract $(ARGS)

verify-independent:
	@test -n "$(FILE)" || \
	  { echo "Name the certificate: make verify-independent FILE=certificate.pdf TRUST=trust.txt" >&2; exit 2; }
	@sh tools/verify-independent.sh "$(FILE)" "$(if $(TRUST),$(TRUST),$(dir $(FILE))trust.txt)" $(ANCHORS)

test-browser: setup-tests
	$(CLEAN) $(PY) -m pytest --no-skips -m browser $(ARGS)

# For who changes the words of letters: needs GNU gettext. See docs/letters.md.
messages:
	xgettext --language=Python --from-code=UTF-8 -k -ksay -kmark -kcount:1,2 --no-location \
	  --no-wrap --omit-header -o var/letters.pot erasure/documents/letters/*.py
	for po in erasure/correspondence/locale/*/LC_MESSAGES/letters.po; do \
	  msgmerge --quiet --no-fuzzy-matching --no-wrap --no-location -o $$po $$po var/letters.pot && \
	  msgattrib --no-obsolete --no-wrap -o $$po $$po && \
	  msgfmt --check-format -o $${po%.po}.mo $$po || exit 1; done
