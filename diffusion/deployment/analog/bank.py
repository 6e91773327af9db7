"""The bank of integrators in time: one step of all of them, with all that acts on them."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from ...process import Prediction, SampleNoise, Schedule
from ...training.streams import stream_seed
from .integrator import NAME
from .loop import Loop
from .noise_source import Coloured


class Bank:
    """The integrators of a batch: x (n, channels, rows, columns) in units of V1.

    Steps are RK4 on dx/du = slope(u) x + factor(u) held + drift; noise joins after each, with the density in its
    middle. Every sample of every seed has streams of its own, one for each purpose.
    """

    def __init__(
        self,
        loop: Loop,
        schedule: Schedule,
        prediction: Prediction,
        shape: Sequence[int],
        seed: int,
        first: int,
        dtype: torch.dtype,
    ) -> None:
        self.loop, self.dtype = loop, dtype
        self._batch = (seed, first, shape[0])
        pixels = tuple(shape[1:])
        gains = loop.gains(schedule, prediction)
        self._made = loop.integrator.made(pixels, loop.seeds, dtype)
        self.h = 1.0 / (loop.answers * loop.substeps)
        count = 2 * loop.answers * loop.substeps + 1  # the ends and the middles of all steps
        self.u = loop.ramp_errors.made(torch.linspace(0.0, 1.0, count, dtype=torch.float64))
        into_x, into_y, density = gains.at(self.u)
        self._gains = list(zip(into_x.tolist(), into_y.tolist(), strict=True))
        self._density = (density * (loop.noise.heat if loop.noise else 0.0)).tolist()
        self._g = sum(loop.stages(gains))
        design = loop.noise_design(gains)
        self._resistors = self._g + (design.stage if design else 0.0)
        self._start = SampleNoise(seed, first, shape[0], pixels, double=dtype == torch.float64)
        self._draws = {purpose: self._stream(purpose, pixels) for purpose in ("loading", "thermal", "source", "band")}
        self.t = gains.ramp.t(self._readings()).to(dtype)
        """(windows, n): the diffusion time the network reads at the beginning of each window."""
        self._source = Coloured(loop.noise.correlation / loop.ramp_time if loop.noise else 0.0)
        if self._coloured:
            self._source.start(self._normal("band"))

    def load(self) -> Tensor:
        """The start: normal noise, and that of the switch which loads it."""
        x = self._start().to(self.dtype)
        thermal = self.loop.integrator.thermal()
        return x if thermal == 0.0 else x + math.sqrt(thermal) * self._normal("loading")

    def pause(self) -> None:
        """The integrators wait for an answer; the noise's source goes on."""
        if self._coloured:
            self._source.rest(1.0 / self.loop.answers, self._normal("band"))

    def step(self, x: Tensor, held: Tensor, number: int) -> Tensor:
        """x after step `number` of the whole ramp."""

        def rate(state: Tensor, point: int) -> Tensor:
            return self._made.rate(state, held, *self._gains[point], self._g)

        at, h = 2 * number, self.h
        k1 = rate(x, at)
        k2 = rate(x + 0.5 * h * k1, at + 1)
        k3 = rate(x + 0.5 * h * k2, at + 1)
        k4 = rate(x + h * k3, at + 2)
        return self._kicked(x + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4), number)

    def _kicked(self, x: Tensor, number: int) -> Tensor:
        density = self._density[2 * number + 1]
        if density > 0.0:
            other = self._normal("band") if self._coloured else None
            x = x + math.sqrt(density) * self._source.integral(self.h, self._normal("source"), other)
        thermal = 2.0 * self.loop.integrator.thermal() * self._resistors * self.h
        return x if thermal == 0.0 else x + math.sqrt(thermal) * self._normal("thermal")

    def _readings(self) -> Tensor:
        """The ramp (windows, n) as the network reads it."""
        loop, n = self.loop, self._batch[2]
        u = self.u[: -1 : 2 * loop.substeps, None].expand(-1, n)
        if loop.ramp_errors.jitter == 0.0:
            return u
        return loop.ramp_errors.read(u, self._stream("jitter", (loop.answers,))().T)

    @property
    def _coloured(self) -> bool:
        return self._source.tau > 0.0

    def _stream(self, purpose: str, size: tuple[int, ...]) -> SampleNoise:
        seed, first, n = self._batch
        own = stream_seed(self.loop.seeds.get("noise", 1), f"{NAME}/{purpose}/{seed}")
        return SampleNoise(own, first, n, size, double=self.dtype == torch.float64)

    def _normal(self, purpose: str) -> Tensor:
        return self._draws[purpose]().to(self.dtype)
