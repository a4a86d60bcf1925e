"""Completions: the raw answers of an LLM, each stored the moment it exists."""
