"""Models and tokenizers in transformers' layout, loaded with errors that name their folder."""

from pathlib import Path
from typing import Any

from palimpsest.runtime.errors import UserError


def load_pretrained(kind: Any, folder: Path, **options: Any) -> Any:
    """`kind.from_pretrained` of a local folder.

    kind: a class of transformers, such as AutoTokenizer. Raises UserError when it cannot be loaded.
    """
    try:
        return kind.from_pretrained(folder, **options)
    except Exception as error:  # transformers and safetensors raise many kinds
        raise UserError(
            f"{folder}: cannot be loaded by {kind.__name__} ({type(error).__name__}); expected "
            "config.json, safetensors and tokenizer.json, complete and unchanged"
        ) from error
