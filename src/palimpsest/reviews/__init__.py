"""Review: what an LLM wrote beside what it was given, for people who judge it in a browser."""
