"""How far a run is, read from its files alone: it may run here, on a cluster, or be killed."""
