"""Bring an LLM's or encoder's weights to safetensors and tokenizer.json in one folder."""

import argparse
import os
import shutil

from palimpsest.runtime.cli import json_argument, parser, run
from palimpsest.runtime.files import write_json
from palimpsest.weights.prepare import prepare_weights


def main(arguments: argparse.Namespace) -> None:
    network = os.environ.get("PALIMPSEST_NETWORK") == "1"  # the study's `network: true`
    if network:
        os.environ["HF_HUB_OFFLINE"] = "0"
    try:
        manifest = prepare_weights(arguments.weights, arguments.out, network)
    except BaseException:
        shutil.rmtree(arguments.out, ignore_errors=True)  # no half-filled folder
        raise
    write_json(arguments.manifest, manifest)


if __name__ == "__main__":
    options = parser(__doc__, "--out", "--manifest")
    options.add_argument("--weights", type=json_argument, required=True, help="as declared")
    run(main, options)
