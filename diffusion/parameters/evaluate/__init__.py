"""What generated parameters are worth, beside the originals they were learned from."""
