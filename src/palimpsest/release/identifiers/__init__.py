"""Identifiers of patients: where they are known from, how they may be written, where they stand."""
