"""Scores: what the predictions of a run are worth."""
