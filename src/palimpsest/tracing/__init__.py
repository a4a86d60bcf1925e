"""Where a document of a corpus or a labelled sentence comes from, read from finished results."""
