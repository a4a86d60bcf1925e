"""What every stage shares: errors, files, identities, accounting, progress."""
