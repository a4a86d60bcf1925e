# Everything runs in .venv, made here from requirements.lock.
PYTHON ?= python3
ARGS ?=

STARTED := $(shell date +%s)
IN_VENV = PATH="$(CURDIR)/.venv/bin:$$PATH" VIRTUAL_ENV="$(CURDIR)/.venv"

.PHONY: demo test test-fast test-browser browser validators test-cluster cluster slurm plan lint clean

demo: .venv/.installed
	@$(IN_VENV) python scripts/project/demo.py $(STARTED)

test: .venv/.installed
	@$(IN_VENV) python -m pytest -n 2 $(ARGS)

# Without Snakemake, without engines and without what takes more than a few seconds.
test-fast: .venv/.installed
	@$(IN_VENV) python -m pytest -n 2 -m "not slow and not workflow" tests/unit $(ARGS)

# Pages in a real browser, and for accessibility by axe.
test-browser: browser
	@$(IN_VENV) python -m pytest -n 0 tests/browser $(ARGS)

# What these tests need: Debian's Chromium, installed as root, Playwright, and axe if npm is there.
browser: .venv/.installed
	@command -v chromium >/dev/null || { apt-get update -qq && \
	  DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends chromium; }
	@$(IN_VENV) python -m pip install -q "playwright>=1.55,<2"
	@if command -v npm >/dev/null; then npm install --silent --no-save --prefix .axe axe-core@4; fi

# Validators of what an evidence pack has, in an environment of their own; the terms of RO-Crate, which
# are on the network, if npm is there.
validators: .validators/.installed
.validators/.installed:
	@$(PYTHON) -m venv .validators
	@.validators/bin/python -m pip install -qq mlcroissant==1.1.1 roc-validator==0.13.0 \
	  "cyclonedx-python-lib[json-validation]==11.12.0"
	@if command -v npm >/dev/null; then \
	  npm install --silent --no-save --prefix .validators ro-crate@3.4.10 && \
	  node -p 'JSON.stringify(require("./.validators/node_modules/ro-crate/lib/defaults.js").standardContexts)' \
	    >.validators/contexts.json; fi
	@touch $@

# On a SLURM of two nodes of this machine, and as jobs that share no disk; started and stopped by
# the tests.
test-cluster: cluster .venv/pods/.installed
	@$(IN_VENV) PALIMPSEST_CLUSTER="$(CURDIR)/.venv-slurm" python -m pytest -n 0 tests/cluster $(ARGS)

# What tests of SLURM need, installed as root on Debian.
cluster: slurm
	@{ command -v slurmctld && command -v munged; } >/dev/null || { apt-get update -qq && \
	  DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends slurm-wlm munge; }

# .venv-slurm: what submits jobs to SLURM. The jobs run in .venv.
slurm: .venv-slurm/.installed

# What asking the LLMs of a study will cost; another study: ARGS="--configfile FILE".
plan: .venv/.installed
	@$(IN_VENV) snakemake --quiet rules --forcerun plan_llm $(ARGS) -- plan

lint: .venv/.installed
	@$(IN_VENV) sh scripts/project/lint.sh

# The environment of Snakemake's plugins for pods: what is in .venv, and what they need beside it.
PODS = .venv/pods/lib/$$(ls .venv/pods/lib)/site-packages
.venv/pods/.installed: .venv/.installed envs/pods.lock tests/cluster/pods.txt
	@$(IN_VENV) python -m venv --without-pip --clear .venv/pods
	@$(IN_VENV) python -c "import site; print(site.getsitepackages()[0])" >$(PODS)/project.pth
	@$(IN_VENV) python -m pip --python .venv/pods/bin/python install -q --no-deps \
	  --require-hashes -r envs/pods.lock
	@$(IN_VENV) python -m pip --python .venv/pods/bin/python install -q --no-deps \
	  -r tests/cluster/pods.txt
	@touch $@

clean:
	rm -rf .venv .venv-slurm .validators .axe

.venv/.installed: requirements.lock pyproject.toml scripts/project/install.py
	@$(PYTHON) scripts/project/install.py .venv
	@touch $@

.venv-slurm/.installed: .venv/.installed requirements-slurm.lock scripts/project/install_driver.py
	@.venv/bin/python scripts/project/install_driver.py .venv-slurm
	@touch $@
