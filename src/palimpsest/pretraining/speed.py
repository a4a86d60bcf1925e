"""How fast a training is: tokens a second and, on a GPU that is known, model FLOPs utilisation."""

import time
from typing import Any

import torch

# Dense bfloat16 operations a second by a part of the GPU's name, of NVIDIA's data sheets.
PEAKS = {
    "B200": 2250e12,
    "H200": 989e12,
    "H100 PCIe": 756e12,
    "H100": 989e12,
    "A100": 312e12,
    "L40S": 362e12,
    "L4": 121e12,
    "A10G": 70e12,
    "A10": 125e12,
    "RTX 4090": 165e12,
    "RTX 3090": 71e12,
}


def peak_of(name: str) -> float | None:
    """Operations a second of a GPU, by its name; None where it is not known."""
    return next((peak for part, peak in PEAKS.items() if part in name), None)


def flops_per_token(model: Any, context: int, scored: float) -> float:
    """Operations of training on a token (Chowdhery et al. 2022, appendix B).

    Six for each weight that the token is multiplied with, and 12 x layers x width x context of
    attention. context: tokens that attention looks at. scored: share of the tokens for which the
    scores of the vocabulary are computed.
    """
    config = model.config
    output = model.get_output_embeddings()
    head = output.weight.numel() if output is not None else 0
    looked_up = {
        id(weight)
        for module in model.modules()
        if isinstance(module, torch.nn.Embedding)
        for weight in module.parameters()
    } | ({id(output.weight)} if head else set())
    matrices = sum(
        weight.numel()
        for weight in model.parameters()
        if weight.ndim == 2 and id(weight) not in looked_up
    )
    attention = 12 * config.num_hidden_layers * config.hidden_size * context
    return 6 * (matrices + scored * head) + attention


class Speed:
    """Tokens a second since it was made, over all processes."""

    def __init__(self, tokens: int, flops: float, device: torch.device, processes: int) -> None:
        """tokens: of a step. flops: of a token."""
        self.tokens, self.flops, self.processes = tokens, flops, processes
        name = torch.cuda.get_device_name(device) if device.type == "cuda" else ""
        self.peak = peak_of(name)
        self.started = time.monotonic()

    def after(self, steps: int) -> str:
        """What is logged after so many steps."""
        rate = steps * self.tokens / max(time.monotonic() - self.started, 1e-9)
        line = f"{rate:,.0f} tokens/s"
        if self.peak:
            line += f", {rate * self.flops / self.peak / self.processes:.0%} of the GPU's FLOPs"
        return line
