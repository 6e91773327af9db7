"""The fast engine: an array of few channels, from start to end in one compiled function.

A step sweeps over the rows once. Row i of stage s+1 is computed as soon as the rows of stage s around it are there,
so that all stages of a step, its error estimate and its saved points pass through the cache together, and the state
is read from memory and written to it once a step.
"""
