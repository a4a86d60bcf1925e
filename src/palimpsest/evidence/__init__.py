"""Evidence packs: results with what a reviewer needs to judge them, sealed by hashes."""
