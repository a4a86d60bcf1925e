"""Corpora: named mixtures of notes and rephrases with token budgets."""
