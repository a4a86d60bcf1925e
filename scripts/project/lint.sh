#!/bin/sh
# All the linters, with the versions of the lock. Stops at the first that complains.
set -eu
ruff check .
ruff format --check .
snakefmt --check Snakefile rules
snakemake --lint
mypy
