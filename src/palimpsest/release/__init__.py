"""The release check: what of patients is in corpora, written sentences and checkpoints."""
