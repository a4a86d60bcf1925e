"""One file with all that a study needs where there is no network."""
