"""Libraries that every stage uses: files, keys, programs, progress, errors."""
