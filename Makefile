# make run    the Indonesia preset, into results/indonesia-2024
# make test   all tests but the slow ones      make slow   the slow statistical ones
# make check  style and types                  make bench  how fast it is
#
# Each target first sees to .venv itself; when nothing changed since the last time, that takes no time.

PYTHON ?= python3
PYTEST ?= -n auto --dist loadfile

VENV := .venv
BIN := $(VENV)/bin
UV := $(shell command -v uv 2>/dev/null)
INSTALL := $(if $(UV),uv pip install --quiet --python $(BIN)/python,$(BIN)/python -m pip install --quiet --disable-pip-version-check)

.DEFAULT_GOAL := help
.PHONY: help run test check slow bench clean

help:
	@sed -n 's/^# \{0,1\}//p' Makefile | sed '/^$$/q'

run: $(VENV)/.base
	@echo "Simulating a year; the first time, kernels are compiled and twelve weeks are simulated before it (about two minutes)."
	rm -rf results/new
	$(BIN)/etalase run indonesia-2024 --out results/new
	rm -rf results/indonesia-2024
	mv results/new results/indonesia-2024
	@echo "results are in results/indonesia-2024"

test: $(VENV)/.dev
	$(BIN)/python -m pytest $(PYTEST)

check: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

slow: $(VENV)/.dev
	$(BIN)/python -m pytest $(PYTEST) -m slow

bench: $(VENV)/.dev
	$(BIN)/python -m benchmarks

clean:
	rm -rf $(VENV) dist results .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find sim experiments tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +

# The stamps say which install of which pyproject.toml the environment holds.
$(VENV)/.base: pyproject.toml
	$(call need_python)
	@test -x $(BIN)/python || { echo "Making $(VENV) ..."; $(if $(UV),uv venv --quiet --python $(PYTHON),$(PYTHON) -m venv) $(VENV); }
	@echo "Installing etalase ..."
	@$(INSTALL) --editable .
	@touch $@

$(VENV)/.dev: pyproject.toml $(VENV)/.base
	@echo "Installing what tests and checks need ..."
	@$(INSTALL) --editable '.[dev]'
	@touch $@

new_enough := import sys; print(sys.version_info >= (3, 11))
define need_python
$(if $(filter True,$(shell $(PYTHON) -c '$(new_enough)' 2>/dev/null)),,$(error Etalase needs Python 3.11 or later, \
and $(PYTHON) is not; say which to use: make PYTHON=python3.12))
endef
