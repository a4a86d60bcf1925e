"""Label your own notes with a kept model."""

import argparse
from pathlib import Path

from pydantic import TypeAdapter

from palimpsest.notes.config import FolderSource, TableSource
from palimpsest.notes.read import read_notes, source_bytes
from palimpsest.runtime.atomic import atomic_folder
from palimpsest.runtime.files import sha256_file
from palimpsest.runtime.progress import Progress
from palimpsest.study.files import validated


def declare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "notes", type=Path, help="a .csv, .tsv, .jsonl, .json or .parquet file, or a folder of .txt"
    )
    parser.add_argument(
        "--model", type=Path, required=True, help="the folder of a run, below results/models"
    )
    parser.add_argument("--out", type=Path, required=True, help="a folder, which is made")
    parser.add_argument("--text-column", default="text", help="of a table; default: text")
    parser.add_argument("--id-column", default="note_id", help="of a table; default: note_id")
    parser.add_argument("--encoding", default="utf-8", help="of text files; default: utf-8")
    parser.add_argument(
        "--threshold", type=float, default=0.5,
        help="probability from which on one of several labels holds; default: 0.5",
    )  # fmt: skip


def run(arguments: argparse.Namespace) -> None:
    """Label the notes of a file or a folder with a kept model."""
    # Imported only here: the other commands need no torch.
    from palimpsest.finetuning.kept import load_model
    from palimpsest.tagging.tag import tag

    source, model = _source_of(arguments), load_model(arguments.model)
    named = {"model_sha256": sha256_file(arguments.model / "model.safetensors")}
    progress = Progress(f"tagging {arguments.notes}", source_bytes(source), "bytes")
    with atomic_folder(arguments.out) as folder:
        parts = read_notes(source, False, progress.advance)
        done = tag(parts, model, arguments.threshold, folder, **named)
    account = done.account
    print(f"{arguments.out}: {account.kept:,} of {done.entered:,} notes tagged")
    print(f"labels: {dict(done.by_label.most_common()) or 'none'}")
    print(f"rejected: {dict(account.rejected) or 'none'}")


def _source_of(arguments: argparse.Namespace) -> TableSource | FolderSource:
    """A user's notes as a source: a folder of text files, or one table."""
    named = {"name": "notes", "paths": [str(arguments.notes)], "category": "note"}
    named |= {"encoding": arguments.encoding}
    if arguments.notes.is_dir():
        kind, more = FolderSource, {"kind": "folder", "patient_id": "file"}
    else:
        columns = {"text": arguments.text_column, "note_id": arguments.id_column}
        # Patients matter to splits alone.
        kind, more = TableSource, {
            "kind": "table", "columns": {**columns, "patient_id": arguments.id_column}
        }  # fmt: skip
    return validated(TypeAdapter(kind), {**named, **more}, str(arguments.notes))
