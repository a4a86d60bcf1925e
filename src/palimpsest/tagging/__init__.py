"""Tagging: the labels that a kept model gives to a user's own notes."""
