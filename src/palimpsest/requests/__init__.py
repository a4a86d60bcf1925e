"""Requests: one question to an LLM each, whatever the answer is used for."""
