"""How often the 95% interval of a difference holds, by simulation.

Two systems of some runs each are judged on the same test units. A score is the mean over units of
what a run gets right; seeds, units and both together vary. Without a true difference, the share of
intervals that exclude 0 should be 5%; with one, 95% should contain it. Beside it, what resampling
gives: of the units alone, and of runs and units (percentiles).

    python benchmarks/coverage.py --rounds 2000
"""

import argparse

import numpy as np

from palimpsest.stats.intervals import Runs, difference
from palimpsest.stats.resampling import percentiles, resampled_counts

SEEDS, UNITS = (3, 5), (30, 100, 300)
OF_SEEDS, OF_UNITS, OF_BOTH, SHARED = 0.1, 0.4, 0.2, 0.6


def drawn(generator: np.random.Generator, shared: np.ndarray, runs: int) -> np.ndarray:
    """What each run gets right on each unit: (runs, units)."""
    units = len(shared)
    own = generator.normal(0, 1, units)
    hardness = OF_UNITS * (np.sqrt(SHARED) * shared + np.sqrt(1 - SHARED) * own)
    seeds = generator.normal(0, OF_SEEDS, (runs, 1))
    return 0.5 + hardness + seeds + generator.normal(0, OF_BOTH, (runs, units))


def missed(runs: int, units: int, rounds: int, seed: int) -> dict[str, float]:
    """The share of intervals that do not contain the true difference, by method."""
    generator = np.random.default_rng(seed)
    counts = resampled_counts(units, seed) / units
    outside = {"seeds and units (t)": 0, "units (percentiles)": 0, "both (percentiles)": 0}
    for _ in range(rounds):
        shared, true = generator.normal(0, 1, units), float(generator.choice([0.0, 0.2]))
        first, second = (drawn(generator, shared, runs) for _ in range(2))
        first += true
        systems = [Runs(each.mean(axis=1), each @ counts.T, units) for each in (first, second)]
        estimate = difference(*systems)
        ends = {"seeds and units (t)": (estimate.low, estimate.high)}
        apart = systems[0].resampled.mean(axis=0) - systems[1].resampled.mean(axis=0)
        ends["units (percentiles)"] = percentiles(apart)
        picked = [
            np.take_along_axis(
                each.resampled, generator.integers(runs, size=each.resampled.shape), axis=0
            ).mean(axis=0)
            for each in systems
        ]
        ends["both (percentiles)"] = percentiles(picked[0] - picked[1])
        for name, (low, high) in ends.items():
            outside[name] += not low <= true <= high
    return {name: count / rounds for name, count in outside.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    print("| runs | units | interval of | misses |\n|--:|--:|:--|--:|")
    for runs in SEEDS:
        for units in UNITS:
            for name, share in missed(runs, units, options.rounds, options.seed).items():
                print(f"| {runs} | {units} | {name} | {share:.1%} |", flush=True)


if __name__ == "__main__":
    main()
