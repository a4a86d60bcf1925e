#!/bin/bash
# Both papers' demo tables from a bundle and what README says, in a network namespace that has only
# the loopback interface; before that, one flipped byte must stop the installation.
#
#     benchmarks/bundle.sh palimpsest.tar NEW-FOLDER
#
# As root. Takes as long as the demo and the second paper's tables do.
set -euo pipefail
bundle=$(realpath "$1")
mkdir "$2"
cd "$2"
tar xf "$bundle"
cd palimpsest

offline() { # a command in this folder without network, as a shell that was just started runs it
  unshare -n env -i HOME="$HOME" PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    bash -c 'ip link set lo up; eval "$1"' - "$1"
}

flip() { # change the lowest bit of a byte in the middle of a file
  python3 - "$1" <<'PYTHON'
import sys
with open(sys.argv[1], "r+b") as stream:
    middle = stream.seek(0, 2) // 2
    stream.seek(middle)
    byte = stream.read(1)[0]
    stream.seek(middle)
    stream.write(bytes([byte ^ 1]))
PYTHON
}

for file in bundle/wheels/snakemake-[0-9]*.whl bundle/wheels-slurm/numpy-*.whl src/palimpsest/__init__.py; do
  flip "$file"
  if said=$(offline "make .venv/.installed" 2>&1); then
    echo "$file: a flipped byte was installed"
    exit 1
  fi
  grep -F "$file: it is not what was packed" <<<"$said"
  flip "$file"
done

time offline "make demo"
time offline "source .venv/bin/activate; snakemake results/table3.csv results/table4.csv results/figure3.svg"
time offline "make slurm"
ls -l results/table1.csv results/table2.csv results/table3.csv results/table4.csv
