"""Parameters for a given chip: the same model, told what was measured of the chip."""
