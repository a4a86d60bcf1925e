"""Palimpsest: synthetic clinical corpora, the models trained on them, and the tables on both."""
