"""The losses are the models' own, in half the time, and documents can be kept apart."""

import pytest
import torch
from tiny_trainings import SHAPE
from transformers import AutoModelForMaskedLM

from palimpsest.pretraining.config import DecoderArchitecture, EncoderArchitecture
from palimpsest.pretraining.decoder import build_decoder
from palimpsest.pretraining.encoder import build_encoder
from palimpsest.pretraining.objectives import CausalLoss, MaskedLoss
from palimpsest.pretraining.packing import IGNORED, apart, causal_examples
from palimpsest.pretraining.tokenizer import train_bpe
from palimpsest.runtime.errors import UserError

ENCODERS = ["encoder", "roberta", "modernbert"]
START = 7  # the token that begins a document


@pytest.fixture(params=ENCODERS)
def masked(request):
    """A masked batch and an encoder that is to predict it."""
    model = AutoModelForMaskedLM.from_pretrained(request.getfixturevalue(request.param)).eval()
    torch.manual_seed(1)
    inputs = torch.randint(5, 60, (4, 12))
    labels = torch.where(torch.rand(4, 12) < 0.3, inputs, IGNORED)
    return model, {"input_ids": inputs, "labels": labels}


def masked_loss(model, batch):
    objective = MaskedLoss(model, False, 0.15)
    return objective(**objective.given(batch))


def test_the_masked_loss_is_the_models_own(masked):
    model, batch = masked
    own = model(**batch).loss.item()
    count = int((batch["labels"] != IGNORED).sum())
    assert masked_loss(model, batch).item() / count == pytest.approx(own, rel=1e-5)


def test_the_masked_gradients_are_the_models_own(masked):
    model, batch = masked
    count = int((batch["labels"] != IGNORED).sum())
    gradients = []
    for loss in (model(**batch).loss, masked_loss(model, batch) / count):
        model.zero_grad()
        loss.backward()
        gradients.append([weight.grad.clone() for weight in model.parameters()])
    for one, other in zip(*gradients, strict=True):
        assert torch.allclose(one, other, atol=1e-6)


def test_a_model_that_was_trained_scores_all_places_again(masked):
    model, batch = masked
    before = model(batch["input_ids"]).logits
    masked_loss(model, batch)
    assert torch.equal(model(batch["input_ids"]).logits, before)


def test_a_batch_of_which_nothing_is_masked_has_no_loss_and_moves_nothing(masked):
    model, batch = masked
    loss = masked_loss(model, batch | {"labels": torch.full_like(batch["labels"], IGNORED)})
    loss.backward()
    assert loss.item() == 0
    assert all(part.grad is None or not part.grad.any() for part in model.parameters())


def decoder_of(family):
    torch.manual_seed(0)
    return build_decoder(DecoderArchitecture(family=family, **SHAPE | {"layers": 2}), 60, 16, 0)


@pytest.mark.parametrize("family", ["llama", "gpt2", "qwen3"])
def test_the_causal_loss_is_the_models_own(family):
    model = decoder_of(family).eval()
    ids = torch.randint(1, 60, (2, 16))
    batch = causal_examples(ids, torch.Generator())
    loss = CausalLoss(model)(**batch) / (2 * 15)
    assert loss.item() == pytest.approx(model(input_ids=ids, labels=ids).loss.item(), rel=1e-5)


def two_documents(first):
    """A sequence of two documents of 6 and 8 tokens; the second one is always the same."""
    torch.manual_seed(first)
    ids = torch.randint(8, 60, (1, 6))
    ids = torch.cat([ids, torch.arange(20, 28).unsqueeze(0)], dim=1)
    ids[0, 0] = ids[0, 6] = START
    return ids


def logits(objective, ids, kept_apart=True):
    given = apart(ids, START) if kept_apart else {"documents": None, "position_ids": None}
    inputs = objective._inputs(ids, given["documents"], given["position_ids"])
    with torch.no_grad():
        return objective.model(**inputs).logits


def louder(model):
    """Fresh weights attend to everything alike; with larger ones every token counts."""
    with torch.no_grad():
        for weight in model.parameters():
            weight.mul_(3)
    return model.eval()


def objectives():
    tokenizer = train_bpe(["chest pain"], 300, "encoder")
    for family in ("llama", "gpt2", "qwen3"):
        yield family, lambda family=family: CausalLoss(louder(decoder_of(family)))
    for family in ("bert", "roberta", "modernbert"):
        shape = EncoderArchitecture(family=family, **SHAPE | {"layers": 4})

        def made(shape=shape):
            torch.manual_seed(0)
            return MaskedLoss(louder(build_encoder(shape, tokenizer, 16)), True, 0.15)

        yield family, made


@pytest.mark.parametrize(("family", "made"), list(objectives()), ids=lambda value: str(value)[:12])
def test_another_document_in_the_sequence_changes_no_logit(family, made):
    objective = made()
    one, other = (logits(objective, two_documents(first))[0, 6:] for first in (1, 2))
    assert torch.equal(one, other)
    # They are those of the document alone, and without masking the other one is seen.
    alone = logits(objective, two_documents(1)[:, 6:])[0]
    assert torch.allclose(one, alone, atol=1e-4)
    seen = [logits(objective, two_documents(first), False)[0, 6:] for first in (1, 2)]
    assert not torch.allclose(*seen, atol=1e-2)


def test_an_encoder_that_cannot_keep_documents_apart_says_so(encoder):
    model = AutoModelForMaskedLM.from_pretrained(encoder)
    model.config.model_type = "deberta"
    with pytest.raises(UserError, match="of type 'deberta' cannot keep documents apart"):
        MaskedLoss(model, True, 0.15)
