# What people type. Everything lives in .venv; weights in ~/.cache/cinedex (CINEDEX_CACHE).

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
TORCH := $(shell sed -n 's/^torch==//p' constraints.txt)
DEMO := $(BIN)/cinedex --library .cinedex/demo

export PIP_DISABLE_PIP_VERSION_CHECK = 1

.PHONY: help demo test test-cluster check bench format clean

help:  ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20

demo: $(INSTALLED)  ## index the sample film, search it and ask it questions
	@$(BIN)/cinedex models pull
	@$(DEMO) index examples/sample/*.mp4
	@echo '--- search: a white rocket on its launch pad'
	@$(DEMO) search 'a white rocket on its launch pad' -k 3
	@echo '--- search: coins laid out in rows'
	@$(DEMO) search 'coins laid out in rows' -k 3
	@echo '--- ask: How long was she in space?'
	@$(DEMO) ask 'How long was she in space?' || test $$? -eq 3
	@echo '--- ask: When did the shop close?'
	@$(DEMO) ask 'When did the shop close?' || test $$? -eq 3
	@echo '--- ask, and the film does not say: What is the name of the dog?'
	@$(DEMO) ask 'What is the name of the dog?' || test $$? -eq 3

test: $(INSTALLED)  ## run the tests; the first run fetches the weights
	$(BIN)/python -m pytest

test-cluster: $(INSTALLED)  ## run the tests on a Ray cluster of two nodes on this machine
	@$(BIN)/python -m pip install --quiet -c constraints.txt -e '.[dev,ray]'
	$(BIN)/python -m pytest -m ray tests/cluster

check: $(INSTALLED)  ## formatting, lint, types and arrows
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(INSTALLED)  ## measure the bars and write benchmarks/results
	@$(BIN)/python -m pip install --quiet -c constraints.txt -e '.[dev,bench,ray]'
	$(BIN)/python -m benchmarks.run
	$(BIN)/python -m benchmarks.faults
	$(BIN)/python -m benchmarks.kills
	$(BIN)/python -m benchmarks.store_scale
	$(BIN)/python -m benchmarks.shots
	$(BIN)/python -m benchmarks.cluster
	$(BIN)/python -m benchmarks.long_film
	$(BIN)/python -m benchmarks.evaluation
	$(BIN)/python -m benchmarks.needle
	$(BIN)/python -m benchmarks.abstention
	$(BIN)/python -m benchmarks.comparison

format: $(INSTALLED)  ## put the formatting right
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean:  ## remove the environment and the demo library; weights stay
	rm -rf $(VENV) .cinedex

# torch comes first and as the CPU build: the default wheel for Linux brings gigabytes for GPUs.
$(INSTALLED): pyproject.toml constraints.txt | $(BIN)/python
	@$(BIN)/python -m pip install --quiet -c constraints.txt 'torch==$(TORCH)+cpu' 2>/dev/null || { \
	  echo 'no CPU build of torch $(TORCH) where pip looks: taking the default build; to get the small one, point PIP_EXTRA_INDEX_URL or PIP_FIND_LINKS at the CPU wheels of PyTorch' >&2; \
	  $(BIN)/python -m pip install --quiet -c constraints.txt 'torch==$(TORCH)'; }
	@$(BIN)/python -m pip install --quiet -c constraints.txt -e '.[dev]'
	@touch $@

# Debian keeps what venv needs to bring its own pip in another package; then pip comes from the outer one.
$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "cinedex needs Python 3.11 or later")'
	@$(PYTHON) -m venv --clear $(VENV) 2>/dev/null || { \
	  $(PYTHON) -m venv --clear --without-pip $(VENV) && \
	  $(PYTHON) -m pip --python $@ install --quiet pip; }
