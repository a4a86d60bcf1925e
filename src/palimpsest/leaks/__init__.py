"""Leaks: patients on both sides of a split, and test texts in what is trained on."""
