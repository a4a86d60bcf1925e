"""Corpora: named mixtures of notes, rephrases and synthetic notes with token budgets."""
