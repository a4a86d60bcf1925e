"""Pages that people open: one file each, from a disk, without a server and without a network."""
