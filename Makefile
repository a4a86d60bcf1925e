# Everything runs in .venv, made here from requirements.lock.
PYTHON ?= python3
ARGS ?=

STARTED := $(shell date +%s)
IN_VENV = PATH="$(CURDIR)/.venv/bin:$$PATH" VIRTUAL_ENV="$(CURDIR)/.venv"

.PHONY: demo test test-fast test-browser test-cluster plan lint clean

demo: .venv/.installed
	@$(IN_VENV) python scripts/project/demo.py $(STARTED)

test: .venv/.installed
	@$(IN_VENV) python -m pytest -n 2 $(ARGS)

# Without Snakemake, without engines and without what takes more than a few seconds.
test-fast: .venv/.installed
	@$(IN_VENV) python -m pytest -n 2 -m "not slow and not workflow" tests/unit $(ARGS)

# Pages in a real browser, installed as root on Debian, and for accessibility by axe, if npm is there.
test-browser: .venv/.installed
	@command -v chromium >/dev/null || { apt-get update -qq && \
	  DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends chromium; }
	@$(IN_VENV) python -m pip install -q "playwright>=1.55,<2"
	@if command -v npm >/dev/null; then npm install --silent --no-save --prefix .axe axe-core@4; fi
	@$(IN_VENV) python -m pytest -n 0 tests/browser $(ARGS)

# On a SLURM of two nodes of this machine, installed as root on Debian, started and stopped by the
# tests.
test-cluster: .venv/.installed
	@{ command -v slurmctld && command -v munged; } >/dev/null || { apt-get update -qq && \
	  DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends slurm-wlm munge; }
	@$(IN_VENV) python -m pip install -q --no-deps "snakemake-executor-plugin-slurm>=2.8,<3" \
	  snakemake-executor-plugin-slurm-jobstep throttler
	@$(IN_VENV) PALIMPSEST_CLUSTER=1 python -m pytest -n 0 tests/cluster $(ARGS)

# What asking the LLMs of a study will cost; another study: ARGS="--configfile FILE".
plan: .venv/.installed
	@$(IN_VENV) snakemake --quiet rules --forcerun plan_llm $(ARGS) -- plan

lint: .venv/.installed
	@$(IN_VENV) sh scripts/project/lint.sh

clean:
	rm -rf .venv

.venv/.installed: requirements.lock pyproject.toml scripts/project/install.py
	@$(PYTHON) scripts/project/install.py .venv
	@touch $@
