"""Fidelity: what a rephrase kept, changed, left out and added of its passage, and how often."""
