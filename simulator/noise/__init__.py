"""Thermal noise during the transient: stochastic differential equations, and the random numbers for them."""
