"""The simulator: arrays evolve in time."""
