"""Bring an LLM's or encoder's weights to safetensors and tokenizer.json in one folder."""

import argparse
import os

from palimpsest.core.files import write_json
from palimpsest.core.program import json_argument, parser, run
from palimpsest.weights.prepare import prepare_weights


def main(arguments: argparse.Namespace) -> None:
    if arguments.network:
        os.environ["HF_HUB_OFFLINE"] = "0"
    manifest = prepare_weights(arguments.weights, arguments.out, arguments.network)
    write_json(arguments.manifest, manifest)


if __name__ == "__main__":
    options = parser(__doc__, "--out", "--manifest")
    options.add_argument("--weights", type=json_argument, required=True, help="as declared")
    options.add_argument("--network", action="store_true", help="the hub may be asked")
    run(main, options)
