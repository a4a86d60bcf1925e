"""Evaluation of decoders on held-out notes."""
