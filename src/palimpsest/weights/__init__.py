"""Weights of LLMs and encoders, brought to one form: safetensors beside a tokenizer.json."""
