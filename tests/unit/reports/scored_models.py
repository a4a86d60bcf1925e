"""Models as their perplexities say them, without files."""

import numpy as np

from palimpsest.reports.figures.perplexities import Scored


def scored(level: float, seeds: int = 3, masked: bool = False, pseudo: bool = False) -> Scored:
    """Models with about so many nats a token on 20 patients, who are alike for all of them."""
    patients = np.random.default_rng(0)
    tokens = patients.integers(200, 400, 20).astype(float)
    noise = patients.normal(0, 0.05, 20)
    sums = []
    for seed in range(seeds):
        nats = tokens * (level + noise + 0.01 * seed)
        whole = np.column_stack([nats, tokens * 6.0, tokens, tokens * 4])
        sums.append(np.column_stack([whole, whole * (0.9 if masked else 1.0)]))
    return Scored(list(range(seeds)), sums, 30, pseudo)
