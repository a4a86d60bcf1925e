"""What a model is trained to do: the loss of a batch, summed over what is predicted."""

from typing import Any

import torch
from torch.nn.functional import cross_entropy
from transformers import PreTrainedModel

from palimpsest.pretraining.config import MASKABLE
from palimpsest.pretraining.packing import IGNORED, Tensors
from palimpsest.runtime.checkpoints import PADDED_POSITIONS
from palimpsest.runtime.errors import UserError


class Objective(torch.nn.Module):
    """A model with the loss that it is trained by.

    It is called with what `given` makes of a batch, and returns the nats of all labels that are
    not IGNORED, summed.
    """

    causal: bool
    scored = 1.0  # share of the tokens for which the vocabulary is scored

    def __init__(self, model: PreTrainedModel) -> None:
        super().__init__()
        self.model = model

    def given(self, batch: Tensors) -> Tensors:
        """A batch of `packing.Batches` as `forward` takes it, still on the CPU."""
        return batch

    def _inputs(
        self, ids: torch.Tensor, documents: torch.Tensor | None, positions: torch.Tensor | None
    ) -> dict[str, Any]:
        if documents is None or positions is None:
            return {"input_ids": ids}
        config = self.model.config
        if config.model_type in PADDED_POSITIONS:
            positions = positions + (config.pad_token_id or 0) + 1
        return {
            "input_ids": ids,
            "attention_mask": seen(documents, self.causal, config),
            "position_ids": positions,
        }


class CausalLoss(Objective):
    """Of a decoder: every next token."""

    causal = True

    def forward(
        self,
        input_ids: torch.Tensor,
        labels: torch.Tensor,
        documents: torch.Tensor | None = None,
        position_ids: torch.Tensor | None = None,
    ) -> torch.Tensor:
        """All arguments are (rows, length)."""
        scores = self.model(**self._inputs(input_ids, documents, position_ids)).logits
        return cross_entropy(
            scores.flatten(0, 1).float(), labels.flatten(), reduction="sum", ignore_index=IGNORED
        )


class MaskedLoss(Objective):
    """Of an encoder: the tokens that were chosen.

    The scores of the vocabulary are computed at these places alone, by the model's own head: the
    same loss in half the time. The head gets the chosen vectors of the last layer as one sequence,
    and every head of a masked language model works on each vector by itself.
    """

    causal = False

    def __init__(self, model: PreTrainedModel, apart: bool, scored: float) -> None:
        """apart: whether documents are kept apart. scored: share of the tokens that are chosen.

        Raises UserError where the model cannot keep documents apart.
        """
        super().__init__(model)
        self.scored = scored
        if apart and model.config.model_type not in MASKABLE:
            raise UserError(
                f"an encoder of type '{model.config.model_type}' cannot keep documents apart; "
                f"expected one of {list(MASKABLE)}, or document_masking: false"
            )
        self._chosen: torch.Tensor | None = None
        model.base_model.register_forward_hook(self._choose)

    def _choose(self, module: Any, arguments: Any, output: Any) -> Any:
        if self._chosen is not None:
            hidden = output.last_hidden_state.flatten(0, 1)
            output.last_hidden_state = hidden.index_select(0, self._chosen).unsqueeze(0)
        return output

    def given(self, batch: Tensors) -> Tensors:
        """`chosen`: the places of the labels in the flat batch, found here so that no GPU waits."""
        labels = batch["labels"].flatten()
        chosen = (labels != IGNORED).nonzero().squeeze(1)
        return {**batch, "labels": labels[chosen], "chosen": chosen}

    def forward(
        self,
        input_ids: torch.Tensor,
        labels: torch.Tensor,
        chosen: torch.Tensor,
        documents: torch.Tensor | None = None,
        position_ids: torch.Tensor | None = None,
    ) -> torch.Tensor:
        """labels, chosen: (chosen). The others are (rows, length)."""
        self._chosen = chosen
        try:
            scores = self.model(**self._inputs(input_ids, documents, position_ids)).logits
        finally:
            self._chosen = None
        return cross_entropy(scores.squeeze(0).float(), labels, reduction="sum")


def seen(documents: torch.Tensor, causal: bool, config: Any) -> Any:
    """What each token sees: those of its document, and of a decoder no later ones.

    documents: (rows, length). Returns a boolean (rows, 1, length, length), as attention takes it,
    or for a model with layers of several kinds one for each kind.
    """
    mask = documents.unsqueeze(1) == documents.unsqueeze(2)
    places = torch.arange(documents.shape[1], device=documents.device)
    if causal:
        mask &= places.unsqueeze(0) <= places.unsqueeze(1)
    mask = mask.unsqueeze(1)
    if config.model_type != "modernbert":
        return mask
    near = (places.unsqueeze(0) - places.unsqueeze(1)).abs() <= config.sliding_window
    return {"full_attention": mask, "sliding_attention": mask & near}
