"""Synthetic clinical notes: facts first, then text that carries its own gold spans."""
