"""A stepper in plain NumPy, one sample at a time: no kernels, no batch arrays. The equations are written anew.

RC dv/dt = -v + sum A y + sum B u V1 + z V1,   y = V1 clip(v / V1, -1, 1)
"""

import numpy as np

MODES = {"zero-flux": "edge", "periodic": "wrap"}


def weighted(weights, rates):
    return sum((w * r for w, r in zip(weights, rates, strict=True)), np.zeros(()))


class NumpyStepper:
    """Plain (Chua-Yang) cells, any explicit tableau, zero-flux or periodic boundary."""

    def __init__(self, problem, tableau):
        self.problem, self.tableau, self.evaluations = problem, tableau, 0
        self.state = [problem.start[:, n].copy() for n in range(problem.samples)]
        self.k = [None] * problem.samples
        self.proposed = list(self.state)

    def _correlate(self, weights, values):
        height, width = weights.shape[2:]
        rows, columns = values.shape[1:]
        mode = MODES[self.problem.array.boundary.kind]
        padded = np.pad(values, ((0, 0), (height // 2,) * 2, (width // 2,) * 2), mode=mode)
        windows = np.lib.stride_tricks.sliding_window_view(padded, (rows, columns), axis=(1, 2))
        return np.einsum("oikl,iklrc->orc", weights, windows)

    def rates(self, state, sample):
        self.evaluations += 1
        template, cell = self.problem.array.template, self.problem.array.cell
        drive = self._correlate(template.A, np.clip(state[0] / cell.V1, -1, 1))
        drive = drive + self._correlate(template.B, self.problem.u[sample]) + template.z[:, None, None]
        return (cell.V1 * drive - state) / (cell.R * cell.C)

    def attempt(self, h):
        for n in np.flatnonzero(h):
            k = []
            for row in self.tableau.a:
                k.append(self.rates(self.state[n] + h[n] * weighted(row, k[: len(row)]), n))
            self.k[n] = k
            self.proposed[n] = self.state[n] + h[n] * weighted(self.tableau.b, k)

    def error_ratios(self, h, rtol, atol):
        ratios, wheres = np.zeros(len(h)), np.zeros(len(h), int)
        for n in np.flatnonzero(h):
            error = h[n] * weighted(self.tableau.error, self.k[n])
            size = np.maximum(abs(self.state[n]), abs(self.proposed[n]))
            ratio = abs(error) / (atol[:, None, None, None] + rtol * size)
            ratios[n], wheres[n] = ratio.max(), ratio.argmax()
        return ratios, wheres

    def first_steps(self, rtol, atol, limit):
        return np.full(len(self.state), 1e-3 * limit)

    def between(self, theta, h, sample):
        powers = theta ** np.arange(1, len(self.tableau.dense[0]) + 1)
        state = self.state[sample] + h * weighted(np.array(self.tableau.dense) @ powers, self.k[sample])
        return self._with_output(self.proposed[sample] if theta == 1 else state)

    def accept(self, mask):
        for n in np.flatnonzero(mask):
            self.state[n] = self.proposed[n]

    def present(self, sample):
        return self._with_output(self.state[sample])

    def _with_output(self, state):
        V1 = self.problem.array.cell.V1
        return state, np.clip(state[0], -V1, V1)

    def speeds(self, sample):
        return abs(self.rates(self.state[sample], sample)[0])

    def check(self):
        for n, proposed in enumerate(self.proposed):
            if not np.isfinite(proposed).all():
                return n, int(np.argmin(np.isfinite(proposed))), "not finite"
            if np.abs(proposed).max() > self.problem.voltage_limit:
                return n, int(np.abs(proposed).argmax()), "ran away"
        return None
