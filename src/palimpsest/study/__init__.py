"""What a study declares: its schema, the files it names, and the objects that follow from it."""
