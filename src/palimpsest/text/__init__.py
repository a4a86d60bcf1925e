"""Text: sentences, words and n-grams, tokenizers."""
