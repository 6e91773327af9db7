"""A cell of three states with two fast poles, as an amplifier behind the cell would have: for tests only."""

from dataclasses import dataclass

import numpy as np

from cellnn.circuits.array import CellArray
from cellnn.circuits.boundary import Boundary
from cellnn.circuits.cells import CellCircuit
from cellnn.circuits.template import Template
from cellnn.devices.functions import clip
from cellnn.devices.parameter import parameter


@dataclass(frozen=True)
class BufferedCell(CellCircuit):
    """v as in a plain cell; w follows v and q follows w, each with a pole of its own; y is the clipped q."""

    name = "buffered"
    states = ("v", "w", "q")
    paper = "none: a test"

    tau_w: float = parameter(5e-10, "s", "first pole", low=1e-15, high=1)
    tau_q: float = parameter(5e-11, "s", "second pole", low=1e-15, high=1)

    def rates(self, drive, *states):
        v, w, q = states
        return (drive - v) / (self.R * self.C), (v - w) / self.tau_w, (w - q + 0.2 * v) / self.tau_q

    def output(self, *states):
        return clip(states[2], -1.0, 1.0)

    def noise_conductance(self, *states):
        return 1 / self.R

    def reference(self, A, picture):
        """The right-hand side for SciPy, and the start: nothing of the simulator's."""

        def rates(t, flat):
            v, w, q = flat.reshape(3, *picture.shape)
            padded = np.pad(np.clip(q, -1, 1), 1, mode="edge")
            drive = picture + 0.1
            for k in range(3):
                for m in range(3):
                    drive = drive + A[k, m] * padded[k : k + picture.shape[0], m : m + picture.shape[1]]
            fast = (w - q + 0.2 * v) / self.tau_q
            return np.array([(drive - v) / (self.R * self.C), (v - w) / self.tau_w, fast]).ravel()

        return rates, np.concatenate([np.full(picture.size, 0.3), np.zeros(2 * picture.size)])


@dataclass(frozen=True)
class _Array(CellArray):
    def start(self, u):
        states = np.zeros((3, *self.shape))
        states[0] = 0.3
        return states


def buffered_array():
    """5 x 6 such cells, coupled as in test_stiff."""
    from tests.simulator import test_stiff

    template = Template.of(test_stiff.A, 1.0, 0.1, channels=1, input_channels=1)
    return _Array("buffered", BufferedCell(), template, Boundary.parse("zero-flux"), 5, 6, 0.3, None)
