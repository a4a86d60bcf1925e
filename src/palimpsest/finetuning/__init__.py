"""Fine-tuning encoders on datasets: one run from an encoder to its predictions."""
