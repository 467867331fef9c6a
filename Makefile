# Two commands on a fresh machine:  make run   ·   make test
SHELL := /bin/bash
PY ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
UV = UV_SYSTEM_CERTS=1 $(BIN)/uv
PORT ?= 8000
PROOF = $(subst -, ,$(PART))
COMPILE = $(UV) pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links

.PHONY: run test check bench shots proof words lock clean

$(VENV)/.run: requirements/run.txt scripts/venv.sh
	@bash scripts/venv.sh "$(PY)" $(VENV)
	@$(UV) pip sync -q --require-hashes --python $(BIN)/python requirements/run.txt
	@printf '#!/bin/bash\nexec "%s/$(BIN)/python" -m partners "$$@"\n' "$$PWD" > $(BIN)/partners && chmod +x $(BIN)/partners
	@touch $@
$(VENV)/.dev: requirements/dev.txt $(VENV)/.run
	@$(UV) pip sync -q --require-hashes --python $(BIN)/python requirements/dev.txt
	@touch $@

# The sample municipality is loaded once; what was typed since stays.
run: $(VENV)/.run
	@exec $(BIN)/partners serve --sample --port $(PORT)

# Everything, on both databases and in a browser. ARGS="tests/web -x" narrows it.
test: $(VENV)/.dev
	@bash scripts/system.sh
	@$(BIN)/python -m pytest -n 2 $(ARGS)

# What can be known within two minutes: no browser, no PostgreSQL.
QUICK = $(wildcard tests/*/rules tests/*/test_rules.py tests/policy tests/matching tests/wording) \
	tests/ground/test_text.py tests/house/test_walls.py
check: $(VENV)/.dev
	@ok=0; $(BIN)/ruff check --output-format concise || ok=1; $(BIN)/pyright || ok=1; \
	$(BIN)/lint-imports || ok=1; $(BIN)/partners policy check data || ok=1; \
	$(BIN)/python scripts/sizes.py || ok=1; $(BIN)/python -m pytest -n 2 $(QUICK) || ok=1; exit $$ok

bench: $(VENV)/.dev
	@$(BIN)/python scripts/bench.py $(ARGS)

shots: $(VENV)/.dev
	@$(BIN)/python scripts/shots.py $(ARGS)

# Every marked sentence into the catalogues, compiled; ARGS=sv begins another language.
words: $(VENV)/.dev
	@$(BIN)/python scripts/words.py $(ARGS)

# The long proofs; each part alone with PART=name.
proof: $(VENV)/.dev
	@$(BIN)/python scripts/$(if $(filter matching duplicates moves reading texts seal ceremony inputs,$(firstword $(PROOF))),proof_$(firstword $(PROOF)),plant_faults).py $(word 2,$(PROOF)) $(ARGS)

clean:
	rm -rf $(VENV) .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -not -path './node_modules/*' -prune -exec rm -rf {} +

lock:
	@$(COMPILE) requirements/run.in -o requirements/run.txt
	@$(COMPILE) requirements/run.in requirements/dev.in -c requirements/run.txt -o requirements/dev.txt
