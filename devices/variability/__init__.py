"""How made devices differ from designed ones: one effect per file, each with its paper, units and moments."""
