"""Mean and variance of a loop with noise on Gaussian data, by the equations of its moments.

Written from the textbook form of the process in the angle, dx = -[v + d/(2 sigma) eps] |dphi| + sqrt(d) dW with
d = 2 tan(phi) or 2 sin(phi); v held from the beginning of each window, x not. The pair (x, held v) is normal.
"""

import math

import numpy as np

from .gaussian import MEAN, SPREAD, deviation

FINE = 16


def answer(phi):
    """v = a x + b at phi: the slope of the flow, (deviation'/deviation) (x - mean) + mean'."""
    sin, cos = math.sin(phi), math.cos(phi)
    a = sin * cos * (1 - SPREAD**2) / deviation(phi) ** 2
    return a, -MEAN * sin - a * MEAN * cos


def drift(spectrum, phi):
    """Coefficients of x and of v in dx/|dphi|, and the density d."""
    sin, cos = math.sin(phi), math.cos(phi)
    if spectrum == "reverse":  # -(v + eps/cos), eps = sin x + cos v
        return -sin / cos, -2.0, 2 * sin / cos
    return -sin, -1.0 - cos, 2 * sin


def moments(spectrum, phi, fall, windows, heat=1.0):
    """Mean and variance of x at the end of a loop that starts from N(0, 1); phi(u) and its fall -dphi/du."""
    mean, variance = 0.0, 1.0
    h = 1 / (windows * FINE)
    for window in range(windows):
        a, b = answer(phi(window / windows))
        m = np.array([mean, a * mean + b])
        S = variance * np.array([[1.0, a], [a, a * a]])

        def rate(m, S, u):
            x, v, density = drift(spectrum, phi(u))
            M = fall(u) * np.array([[x, v], [0.0, 0.0]])
            return M @ m, M @ S + S @ M.T + np.diag([fall(u) * density * heat, 0.0])

        for k in range(FINE):  # RK4 on both
            u = window / windows + k * h
            k1 = rate(m, S, u)
            k2 = rate(m + h / 2 * k1[0], S + h / 2 * k1[1], u + h / 2)
            k3 = rate(m + h / 2 * k2[0], S + h / 2 * k2[1], u + h / 2)
            k4 = rate(m + h * k3[0], S + h * k3[1], u + h)
            m, S = (
                old + h / 6 * (p + 2 * q + 2 * r + s) for old, p, q, r, s in zip((m, S), k1, k2, k3, k4, strict=True)
            )
        mean, variance = m[0], S[0, 0]
    return mean, variance
