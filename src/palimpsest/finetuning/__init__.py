"""Classifiers of sentences, trained on labelled sets and scored on gold."""
