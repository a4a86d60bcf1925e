"""Statistics: resampling, agreement, F1."""
