"""Templates of grey pictures, against the linear solution where there is one."""

import numpy as np
import pytest
from scipy import ndimage
from scipy.linalg import expm

from cellnn.circuits.library import read_template

from .pictures import blobs, smooth
from .settle import black, grey, run

SIZES = [(6, 9), (8, 8), (1, 7)]


def linear(name, picture, duration, mode):
    """exp((A - 1) t) applied to the picture: the exact solution while every |v| <= 1."""
    cells = np.eye(picture.size).reshape(-1, *picture.shape)
    kernel = np.array(read_template(name).A)
    columns = [ndimage.correlate(cell, kernel, mode=mode).ravel() - cell.ravel() for cell in cells]
    return (expm(duration * np.array(columns).T) @ picture.ravel()).reshape(picture.shape)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(("name", "mode"), [("DIFFUS", "constant"), ("LAPLACE", "nearest")])
def test_diffusion_is_the_linear_solution(name, mode, size):
    picture = np.random.default_rng(size[1]).uniform(-1, 1, size)
    for duration in (0.3, 2.0, 10.0):
        output = run(name, duration=duration, picture=picture)
        np.testing.assert_allclose(output, linear(name, picture, duration, mode), atol=1e-5)


def test_laplace_keeps_the_mean_and_ends_there():
    picture = smooth(7, 9, 1)
    np.testing.assert_allclose(run("LAPLACE", duration=3.0, picture=picture).mean(), picture.mean(), atol=1e-6)
    np.testing.assert_allclose(run("LAPLACE", duration=100.0, picture=picture), picture.mean(), atol=1e-4)


def test_diffus_spreads_a_point_by_its_variance():
    point = np.zeros((21, 21))
    point[10, 10] = 1.0
    output = run("DIFFUS", duration=2.0, picture=point)
    offset = np.arange(21) - 10
    for axis in (0, 1):
        variance = (output.sum(axis=axis) * offset**2).sum() / output.sum()
        assert variance == pytest.approx(0.7 * 2.0, rel=1e-3)


def test_average_is_linear_at_first():
    picture = 0.1 * smooth(6, 9, 2)
    output = run("AVERAGE", duration=0.4, picture=picture)
    np.testing.assert_allclose(output, linear("AVERAGE", picture, 0.4, "constant"), atol=1e-6)


@pytest.mark.parametrize("seed", range(4))
def test_average_settles_where_neighbours_agree(seed):
    picture = np.clip(smooth(11, 14, seed) + np.random.default_rng(seed).normal(0, 0.3, (11, 14)), -1, 1)
    # long, as a cell on the edge can linger in a balance of rate 0
    output = run("AVERAGE", duration=200.0, picture=picture)
    signs = np.where(black(output), 1.0, -1.0)
    sums = ndimage.correlate(signs, [[0, 1, 0], [1, 0, 1], [0, 1, 0]], mode="constant")
    inside = np.zeros(picture.shape, bool)
    inside[1:-1, 1:-1] = True
    assert (sums * signs >= np.where(inside, 0, -1)).all()


def test_average_takes_the_noise_off_a_binary_picture():
    clean = np.zeros((14, 18), bool)
    clean[:, :8] = True
    noise = np.random.default_rng(3).normal(0, 0.4, clean.shape)
    picture = np.clip(0.5 * grey(clean) + noise, -1, 1)
    assert ((picture > 0) != clean).sum() >= 10
    np.testing.assert_array_equal(black(run("AVERAGE", picture=picture))[:, :7], True)
    np.testing.assert_array_equal(black(run("AVERAGE", picture=picture))[:, 9:], False)


def smoothed(picture):
    """MATCNN's INVHLF3: the weighted local mean that HLF3 keeps."""
    return ndimage.correlate(picture, np.array(read_template("HLF3").B), mode="constant")


@pytest.mark.parametrize("seed", range(4))
def test_halftone_keeps_the_local_mean(seed):
    picture = 0.8 * smooth(16, 19, seed)
    output = black(run("HLF3", duration=400.0, picture=picture))
    excess = smoothed(grey(output)) - smoothed(picture)
    # v = A y + B u = 1.35 y - excess, and |v| >= 1 on the side of y
    assert (excess[output] <= 0.35 + 1e-6).all() and (excess[~output] >= -0.35 - 1e-6).all()
    thresholded = smoothed(grey(picture > 0)) - smoothed(picture)
    assert np.sqrt(np.mean(excess**2)) < 0.2 < 2 * 0.2 < np.sqrt(np.mean(thresholded**2))


@pytest.mark.parametrize("level", [-0.6, -0.2, 0.1, 0.5])
def test_halftone_of_flat_grey_is_as_dark_on_average(level):
    output = run("HLF3", duration=100.0, picture=np.full((20, 20), level))
    assert abs(output.mean() - level) < 0.05


def test_halftone_leaves_black_and_white_alone():
    for picture in (np.ones((6, 7), bool), np.zeros((5, 5), bool)):
        np.testing.assert_array_equal(black(run("HLF3", picture=picture)), picture)


def test_edges_of_a_grey_blob():
    """A soft blob has a contour where the pixel stands out from its neighbours."""
    picture = grey(blobs(12, 12, 2)) * 0.4
    contrast = 9 * picture - ndimage.correlate(picture, np.ones((3, 3)), mode="nearest")
    np.testing.assert_array_equal(black(run("EDGEGRAY", picture=picture)), contrast > 0.5)
