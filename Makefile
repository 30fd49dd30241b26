# Every recipe here is what CI and pre-commit run.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# CPU build of PyTorch; where this index cannot be reached, pip's own configuration decides.
TORCH_INDEX ?= https://download.pytorch.org/whl/cpu
TORCH := torch==2.13.0
STAMP := $(VENV)/.installed
export TRIAGE_DATA_DIR ?= $(CURDIR)/var
export HF_HUB_OFFLINE ?= 1

.DEFAULT_GOAL := help
.PHONY: help install demo serve index test test-all bench load lint format types imports check ci eval clean

help:  ## show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

$(STAMP): pyproject.toml hatch_build.py $(wildcard knowledge_base/kernels/*.[ch])
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12 …")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install -q --disable-pip-version-check --retries 1 --timeout 10 --index-url $(TORCH_INDEX) $(TORCH) \
		|| $(BIN)/pip install -q --disable-pip-version-check $(TORCH)
	$(BIN)/pip install -q --disable-pip-version-check -e '.[dev]'
	touch $(STAMP)

install: $(STAMP)  ## create the environment (does nothing when it is up to date)

demo: $(STAMP)  ## triage the sample tickets, print the table, serve the API with its docs
	$(BIN)/triage demo

serve: $(STAMP)  ## serve the API with a worker beside it
	$(BIN)/triage serve

index: $(STAMP)  ## index the knowledge base (TRIAGE_DOCUMENTS_DIR)
	$(BIN)/triage index

test: $(STAMP)  ## run the tests in file order, whole files side by side on up to 4 cores; test-all shuffles them
	$(BIN)/python -m pytest -p no:randomly -n logical --maxprocesses 4 --dist loadfile

test-all: $(STAMP)  ## run every test, the slow ones too
	$(BIN)/python -m pytest -m "not benchmark"

bench: $(STAMP)  ## measure speed and memory, side by side with peers
	$(BIN)/python -m pytest -m benchmark -s

load: $(STAMP)  ## measure the service under load, up to a million stored tickets (minutes; leave the machine alone)
	$(BIN)/python -m tests.benchmarks.load --warm $(TRIAGE_DATA_DIR)

lint: $(STAMP)  ## ruff
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: $(STAMP)  ## format the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

types: $(STAMP)  ## mypy, strict
	$(BIN)/mypy

imports: $(STAMP)  ## import rules
	$(BIN)/lint-imports

check: lint types imports  ## lint, types, import rules

ci:  ## what CI runs: clean environment, check, test
	bash .ci/run

clean:  ## remove the data directory of the demo
	rm -rf var
