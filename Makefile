PYTHON ?= .venv/bin/python

.PHONY: run test lint train docs check

.venv/bin/python:
	python3 -m venv .venv && .venv/bin/pip install -q -e ".[dev]"

run: $(PYTHON)        ## label an example
	$(PYTHON) -m stance predict "Ankara will not give up the S-400, Akar said."

test: $(PYTHON)       ## run the tests with coverage
	$(PYTHON) -m pytest --cov --cov-report=term:skip-covered

lint: $(PYTHON)       ## style and types
	$(PYTHON) -m ruff check . && $(PYTHON) -m ruff format --check . && $(PYTHON) -m mypy

train: $(PYTHON)      ## retrain the bundled model and record its scores
	$(PYTHON) -m experiments.train s400

docs: $(PYTHON)       ## rewrite generated tables and plots
	$(PYTHON) -m experiments.tables && $(PYTHON) -m experiments.plots

check: $(PYTHON)      ## every record follows from its predictions, every table from its record
	$(PYTHON) -m experiments.evaluate && $(PYTHON) -m experiments.tables --check
