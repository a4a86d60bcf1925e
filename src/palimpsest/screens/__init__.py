"""Rephrases: completions that passed the screens."""
