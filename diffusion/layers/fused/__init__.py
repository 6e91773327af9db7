"""Fixed steps on the CPU: torch's convolutions, and what lies between them in compiled sweeps over the planes."""
