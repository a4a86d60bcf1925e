"""Models and tokenizers in transformers' layout, loaded with errors that name their folder."""

from pathlib import Path
from typing import Any

from palimpsest.runtime.errors import UserError

# Families whose first position is the one behind the padding's, so that they have fewer.
PADDED_POSITIONS = frozenset(
    "camembert data2vec-text ibert lilt longformer mpnet roberta roberta-prelayernorm xlm-roberta "
    "xlm-roberta-xl xmod".split()
)


def load_pretrained(kind: Any, folder: Path, **options: Any) -> Any:
    """`kind.from_pretrained` of a local folder, without running code that lies in it.

    kind: a class of transformers, such as AutoTokenizer. Raises UserError when it cannot be loaded.
    """
    try:
        return kind.from_pretrained(folder, trust_remote_code=False, **options)
    except Exception as error:  # transformers and safetensors raise many kinds
        raise UserError(
            f"{folder}: cannot be loaded by {kind.__name__} ({type(error).__name__}); expected "
            "config.json, safetensors and tokenizer.json, complete and unchanged"
        ) from error


def check_tokens(folder: Path, config: Any, tokenizer: Any, longest: int) -> None:
    """That an encoder has an embedding for every token and place.

    config: of transformers. tokenizer: of the tokenizers library. longest: tokens at once, with the
    marks at their ends. Raises UserError when it has not.
    """
    highest = max(tokenizer.get_vocab(with_added_tokens=True).values())
    if highest >= config.vocab_size:
        raise UserError(
            f"{folder}: the tokenizer has ids up to {highest}, and the model has embeddings for "
            f"ids below {config.vocab_size}; expected the tokenizer that it was trained with"
        )
    places = getattr(config, "max_position_embeddings", None)
    if places is None or places < 0:  # relative positions alone
        return
    if config.model_type in PADDED_POSITIONS:
        places -= (config.pad_token_id or 0) + 1
    if longest > places:
        raise UserError(
            f"{folder}: {longest} tokens at once are asked for, and the model has {places} "
            f"positions; expected a 'max_tokens' or 'context' of at most {places}"
        )
