"""Thermal noise during the transient: stochastic differential equations, and the random numbers for them."""

from .integrate import integrate_noisy

__all__ = ["integrate_noisy"]
