"""Dementia: the facts of a patient, and sentences that show a category or only seem to."""
