"""Tables and figures: what the metrics and manifests say, laid out."""
