"""Passages: pieces of notes that an LLM can rewrite whole."""
