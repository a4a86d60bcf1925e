"""Exports: a corpus as a folder that others can open, with a card that says what it is."""
