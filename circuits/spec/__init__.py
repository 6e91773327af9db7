"""The circuit spec: YAML in, a checked circuit out."""
