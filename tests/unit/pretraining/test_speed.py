"""Operations of a token, and what share of a GPU's they are."""

import pytest
import torch
from tiny_trainings import SHAPE

from palimpsest.pretraining.config import DecoderArchitecture
from palimpsest.pretraining.decoder import build_decoder
from palimpsest.pretraining.speed import Speed, flops_per_token, peak_of

VOCABULARY, CONTEXT = 60, 16
HEAD = 16 * VOCABULARY


@pytest.mark.parametrize("family", ["llama", "gpt2"])
def test_operations_are_those_of_the_matrices_and_of_attention(family):
    architecture = DecoderArchitecture(family=family, **SHAPE)
    model = build_decoder(architecture, VOCABULARY, CONTEXT, 0)
    feed_forward = {"llama": 3, "gpt2": 2}[family] * 16 * 32
    layer = 4 * 16 * 16 + feed_forward
    attention = 12 * 1 * 16 * CONTEXT
    assert flops_per_token(model, CONTEXT, 1.0) == 6 * (layer + HEAD) + attention
    # Of an encoder, the vocabulary is scored at some places alone.
    assert flops_per_token(model, CONTEXT, 0.25) == 6 * (layer + HEAD / 4) + attention


def test_known_gpus_are_told_by_their_names():
    assert peak_of("NVIDIA H100 80GB HBM3") == 989e12
    assert peak_of("NVIDIA H100 PCIe") == 756e12
    assert peak_of("NVIDIA A100-SXM4-80GB") == 312e12
    assert peak_of("NVIDIA L40S") != peak_of("NVIDIA L4") != peak_of("NVIDIA A10")
    assert peak_of("Radeon") is None


def test_the_log_has_the_rate_and_where_the_gpu_is_known_its_use(monkeypatch):
    clock = iter([0.0, 2.0, 2.0])
    monkeypatch.setattr("palimpsest.pretraining.speed.time.monotonic", lambda: next(clock))
    speed = Speed(1000, 1e9, torch.device("cpu"), 2)
    assert speed.after(10) == "5,000 tokens/s"
    speed.peak = 10e12  # of each of the two
    assert speed.after(10) == "5,000 tokens/s, 25% of the GPU's FLOPs"
