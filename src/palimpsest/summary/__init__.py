"""The report of a study: one page for whoever wants to know what came out and how sure it is."""
