"""Tasks: labelled data sets, and encoders fine-tuned and scored on them."""
