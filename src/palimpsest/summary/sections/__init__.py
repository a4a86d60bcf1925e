"""The sections of the report, in order. A new one is a module here, and its place in this list.

They are imported one by one: what a rule's output depends on is found by following imports.
"""

from palimpsest.summary.content import Section
from palimpsest.summary.sections import (
    comparisons,
    conclusions,
    corpora,
    cost,
    data,
    fidelity,
    figures,
    flow,
    labels,
    overlap,
    overview,
    release,
    screens,
    settings,
)

MODULES = (
    overview, conclusions, flow, corpora, comparisons, figures, fidelity, screens, labels, data,
    overlap, release, settings, cost,
)  # fmt: skip


def sections() -> list[Section]:
    """All sections in order."""
    return [module.SECTION for module in MODULES]
