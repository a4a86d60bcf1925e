"""Notes: what the sources hold, split by patient before anything else happens."""
