"""Bring an LLM's or encoder's weights to one file of safetensors and one of a tokenizer.

--files are those of weights in a folder.
"""

import argparse
import os

from palimpsest.runtime.cli import parser, run
from palimpsest.runtime.files import write_manifest
from palimpsest.weights.config import WeightsSpec
from palimpsest.weights.prepare import prepare_weights


def main(arguments: argparse.Namespace) -> None:
    network = os.environ.get("PALIMPSEST_NETWORK") == "1"  # the study's `network: true`
    if network:
        os.environ["HF_HUB_OFFLINE"] = "0"
    folder = arguments.manifest.with_suffix("")
    manifest = prepare_weights(arguments.spec, arguments.files, folder, network)
    write_manifest(arguments.manifest, manifest)


if __name__ == "__main__":
    run(main, parser(__doc__, "--files*", "--manifest", spec=WeightsSpec))
