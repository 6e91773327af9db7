"""Heun's method for stochastic differential equations: the part that is the same for every cell.

For dv = a(v) dt + b(v) o dW in Stratonovich's sense, with dW = sqrt(h) z,

    v* = v + h a(v) + b(v) dW,     v(t + h) = v + h/2 [a(v) + a(v*)] + 1/2 [b(v) + b(v*)] dW

has strong order 1 where one state of each cell has a noise of its own that depends on no other noisy state
(W. Rumelin, SIAM J. Numer. Anal. 19(3), 604-613 (1982); P. E. Kloeden, E. Platen, Numerical Solution of Stochastic
Differential Equations, Springer 1992, section 11.1). Without noise it is Heun's method.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from ...devices.codegen.fast_math import fma


@njit(cache=True, nogil=True)
def predict(s, k, b, z, h, noisy, out):  # type: ignore[no-untyped-def]
    """s + h k, and b sqrt(h) z more in the state `noisy`; (states, cells), b and z (cells,)."""
    root_h = math.sqrt(h)
    for n in range(s.shape[0]):
        sn, kn, outn = s[n], k[n], out[n]
        if n == noisy:
            for c in range(z.size):
                outn[c] = fma(h, kn[c], sn[c]) + b[c] * (root_h * z[c])
        else:
            for c in range(z.size):
                outn[c] = fma(h, kn[c], sn[c])


@njit(cache=True, nogil=True)
def correct(s, k, k_end, b, b_end, z, h, noisy, confined):  # type: ignore[no-untyped-def]
    """The step from the means of rates and amplitudes at both ends, into s; the state `confined` (-1: none), that of
    memristors, is held to [0, 1]."""
    root_h, half = math.sqrt(h), 0.5 * h
    for n in range(s.shape[0]):
        sn, kn, en = s[n], k[n], k_end[n]
        if n == noisy:
            for c in range(z.size):
                noise = (0.5 * b[c] + 0.5 * b_end[c]) * (root_h * z[c])
                sn[c] = (sn[c] + fma(half, en[c], half * kn[c])) + noise
        elif n == confined:
            for c in range(z.size):
                x = sn[c] + fma(half, en[c], half * kn[c])
                x = 0.0 if x < 0.0 else x  # not a number stays not a number
                sn[c] = 1.0 if x > 1.0 else x
        else:
            for c in range(z.size):
                sn[c] += fma(half, en[c], half * kn[c])


@njit(cache=True, nogil=True)
def first_failure(s, limit):  # type: ignore[no-untyped-def]
    """The index of the first state that is not finite, or a voltage beyond the limit [V]; -1 when all is well."""
    states, cells = s.shape
    for n in range(states):
        bound = limit if n == 0 else np.inf
        sn = s[n]
        for c in range(cells):
            if not (abs(sn[c]) <= bound and abs(sn[c]) < np.inf):
                return n * cells + c
    return -1
