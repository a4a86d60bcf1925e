"""File formats: rows of tables, JSON and folders, in blocks, with every broken row named."""
