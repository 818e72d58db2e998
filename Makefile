# Two commands do all the set-up on a machine that has Python 3.11+: `make demo` and `make test`.
# The virtual environment is made from a plain python3 with pip; requirements.lock pins every package by hash.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready

.PHONY: demo test check clients bench soak lock clean

demo: $(READY)  ## the whole product on embedded parts; Ctrl-C stops it
	@$(BIN)/baton demo $(ARGS)

test: $(READY)  ## every test but the long ones
	$(BIN)/python -m pytest $(ARGS)

clients: $(READY)  ## third-party Salesforce clients at work against the demo org; installs them under .clients at first
	$(BIN)/python -m pytest -m clients $(ARGS) tests/clients

check: $(READY)  ## style, types, and who may import whom
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(READY)  ## figures beside a peer, measured in the same run
	$(BIN)/python -m bench $(ARGS)

soak: $(READY)  ## random programs of changes, faults and kills for SECONDS on both cores, and 200 kills of real processes
	$(BIN)/python tests/promises/soak.py --seconds $(or $(SECONDS),3600) $(ARGS)
	$(BIN)/python -m pytest --long -n 0 tests/acceptance/test_kill_of_parts.py

# Nothing is upgraded here: pip installs exactly what the lock file names.
$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Baton needs Python 3.11 or newer: set PYTHON=...")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing the pinned packages into $(VENV) (once)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

lock:  ## newest versions that fit pyproject.toml; needs uv
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
		--extra embedded --extra parquet --extra pubsub --group dev --upgrade pyproject.toml -o requirements.lock

clean:
	rm -rf $(VENV) .clients .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
