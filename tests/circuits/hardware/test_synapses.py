"""Rows of devices: single precision has the moments, threads change nothing, and memory is read where it lies."""

import dataclasses

import numpy as np
import pytest

from cellnn.circuits.hardware import Chip, Hardware
from cellnn.circuits.row_memory import SLACK, as_planes, empty_rows, memory_of
from cellnn.devices.variability.pair import ConductancePair
from cellnn.devices.variability.programming import CmoHfox, ConstantError
from cellnn.devices.variability.read_noise import ReadNoise
from cellnn.devices.variability.spread import Spread

from .test_chip import array, close

REALISTIC = Hardware(
    pair=ConductancePair(8e-6, 90e-6), programming=CmoHfox(0.02), read=ReadNoise(), weights=Spread(0.01),
    gain=Spread(0.01),
)  # fmt: skip


@pytest.mark.parametrize("single", [False, True])
def test_no_bit_depends_on_threads(single):
    one, three = (Chip(array(), REALISTIC, {}, single=single, threads=n).at(2).own for n in (1, 3))
    assert one.A.dtype == (np.float32 if single else np.float64)
    for a, b in ((one.A, three.A), (one.B, three.B), (one.z, three.z)):
        assert np.array_equal(a, b)


def test_read_noise_of_single_precision_has_its_spread():
    """By the paper's formula, of both devices of a pair, from run to run."""
    pair, read = ConductancePair(8e-6, 90e-6), ReadNoise()
    chip = Chip(array(), Hardware(pair=pair, read=read), {}, single=True)
    place = 0, 1, 0, 2, 1
    w = chip.array.template.A[place[1:]]
    sides = pair.programmed(np.array(w), chip.scale)
    spread = np.hypot(*(read.spread(g) for g in sides)) / chip.scale
    first, second = (chip.at(run).own.A[place].astype(float) for run in (0, 1))
    close(first, w, spread)
    close(first - second, 0.0, np.sqrt(2) * spread)
    assert abs(np.corrcoef(first[:, :-1].ravel(), first[:, 1:].ravel())[0, 1]) < 4.5 / np.sqrt(first.size)


def test_mismatch_of_a_whole_chip_is_shared_by_its_rows():
    """A common factor for each chip, and one for each synapse."""
    design = array()
    given = Hardware(weights=Spread(local=0.01, common=0.05))
    factors = np.array([
        [(Chip(design, given, {}, number, single=True).at().own.A[0, 0, 0, 0, 0]) / design.template.A[0, 0, 0, 0]]
        for number in range(60)
    ]).reshape(60, -1)  # fmt: skip
    assert factors.std(axis=1) == pytest.approx(0.01, rel=0.2)
    assert factors.mean(axis=1).std() == pytest.approx(0.05, rel=4.5 / np.sqrt(2 * 60))


def test_strength_nothing_is_bit_identical_to_none():
    """Read noise of strength 0 beside other effects: the same weights as without it."""
    on = Hardware(programming=ConstantError(relative=0.02), weights=Spread(0.01))
    off = dataclasses.replace(on, read=ReadNoise(scale=0.0))
    a, b = (Chip(array(), hardware, {}, single=True).at(5).own.B for hardware in (on, off))
    assert np.array_equal(a, b)


def test_memory_is_taken_where_it_lies_and_copied_elsewhere():
    rows = empty_rows((3, 2, 3, 3), 4, 5, np.float32)
    rows[...] = np.random.default_rng(0).normal(size=rows.shape)
    planes = as_planes(rows)
    assert planes.shape == (1, 3, 2, 3, 3, 4, 5) and not planes.flags.writeable
    flat = memory_of(planes, np.dtype(np.float32))
    assert np.shares_memory(flat, rows) and flat.size >= rows.size + SLACK
    assert np.array_equal(flat[: rows.size].reshape(rows.shape), rows)
    for given, kind in (
        (np.ascontiguousarray(planes), np.float32),
        (planes, np.float64),
        (planes[..., 1:, :], np.float32),
    ):
        copy = memory_of(given, np.dtype(kind))
        assert not np.shares_memory(copy, rows) and copy.size == given.size + SLACK
        expected = np.moveaxis(given, -2, 1).ravel().astype(kind)
        assert np.array_equal(copy[: given.size], expected)
