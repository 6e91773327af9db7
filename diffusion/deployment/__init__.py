"""Trained networks on simulated hardware."""
