"""Load what jobs load, so that its bytecode is there: a quarter of all that is installed.

    python scripts/project/compile_loaded.py

Where PYTHONDONTWRITEBYTECODE is set, as in many containers, each job would compile it again.
"""

import importlib
import pkgutil
import sys
import warnings

import palimpsest

# What is loaded by a name in a file, or only where it is there.
NAMED = [
    "snakemake.cli",
    *(f"transformers.models.{name}.modeling_{name}" for name in ("bert", "llama")),
    "transformers.models.auto.tokenization_auto",
    "transformers.trainer",
    "sklearn.metrics",
    "vllm.entrypoints.llm",
    "vllm.v1.worker.cpu_worker",
]


def main() -> None:
    sys.dont_write_bytecode = False
    warnings.simplefilter("ignore")
    modules = pkgutil.walk_packages(palimpsest.__path__, "palimpsest.")
    for name in [*(module.name for module in modules), *NAMED]:
        if not name.endswith("__main__"):
            try:
                importlib.import_module(name)
            except (ImportError, RuntimeError):
                if not name.startswith("vllm."):  # which is not there, or for another machine
                    raise


if __name__ == "__main__":
    main()
