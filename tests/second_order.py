"""An independent reference of second-order arrays: SciPy on the circuit's two laws, in volts and amperes.

Nothing of cellnn is imported: L di/dt = D - v - R i and C dv/dt = i in every cell, D in volts from its neighbours.
"""

import numpy as np
from scipy.integrate import solve_ivp

from tests import reference


def trajectories(A, B, z, u, v0, times, *, boundary="zero-flux", R=1e3, C=1e-9, L=1e-3, V1=1.0):
    """v [V] and i [A] of (time, channel, row, column); R, C and L are numbers or (channels, rows, columns)."""
    shape = (len(z), *u.shape[1:])
    fed = reference.correlate(B, reference.pad(u, B, boundary)) + np.asarray(z)[:, None, None]
    feedback = reference.coupling(A, shape, boundary)

    def rates(t, packed):
        v, i = packed.reshape(2, *shape)
        drive = V1 * (feedback(reference.saturation(v / V1)) + fed)
        return np.concatenate([(i / C).ravel(), ((drive - v - R * i) / L).ravel()])

    start = np.concatenate([V1 * np.broadcast_to(v0, shape).ravel(), np.zeros(np.prod(shape))])
    # currents are some mA at most: an absolute tolerance for both needs them in the same unit
    found = solve_ivp(rates, (times[0], times[-1]), start, "DOP853", times, rtol=1e-9, atol=1e-12)
    assert found.success, found.message
    return found.y.T.reshape(len(times), 2, *shape).swapaxes(0, 1)


def damped(times, D, R, C, L, v0=0.0):
    """v [V] and i [A] of a cell by itself under the constant drive D, from v0 without current, in closed form."""
    times = np.asarray(times, complex)
    alpha = R / (2 * L)
    root = np.sqrt(complex(alpha**2 - 1 / (L * C)))
    fast, slow = -alpha - root, -alpha + root
    v = D + (v0 - D) * (slow * np.exp(fast * times) - fast * np.exp(slow * times)) / (slow - fast)
    i = C * (v0 - D) * fast * slow * (np.exp(fast * times) - np.exp(slow * times)) / (slow - fast)
    return v.real, i.real
