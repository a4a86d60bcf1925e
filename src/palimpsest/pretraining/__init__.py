"""Models: tokenizers, packing and training of decoders and encoders."""
