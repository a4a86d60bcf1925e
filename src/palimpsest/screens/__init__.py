"""Screens: what keeps an LLM's answer from becoming a rephrase or a sentence of a dataset.

Importing a module registers its screens. Those that a study may list are imported here, so that
their columns have one order, whoever imports what first; those of written sentences alone are not,
so that a change of them screens no rephrase again.
"""

from palimpsest.screens import fidelity, injection, length, overlap, residue  # noqa: F401
