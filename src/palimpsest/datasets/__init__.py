"""Labelled sentences: gold that experts made, silver that an LLM labelled, bronze it wrote."""
