"""The commands of `palimpsest`, a module each.

A module has a docstring whose first line says what the command is for, `declare`, which adds its
arguments to a parser, and `run`, which is given them. It imports what is heavy where it runs.
"""
