"""Templates whose every pixel depends on its neighbourhood in the input alone."""

import numpy as np
import pytest
from scipy import ndimage

from .pictures import drawn, framed
from .settle import black, run, settle

EIGHT = np.array([[1, 1, 1], [1, 0, 1], [1, 1, 1]])
DIAGONAL = np.array([[1, 0, 1], [0, 0, 0], [1, 0, 1]])
UP_AND_RIGHT = np.array([[0, 1, 0], [0, 1, 1], [0, 0, 0]], bool)


def count(picture, neighbours):
    """How many of these neighbours are black; all is white outside."""
    return ndimage.correlate(picture.astype(int), neighbours, mode="constant")


def seen(picture, rows, columns):
    """The picture as each pixel sees it, so far down and to the right; white outside."""
    return np.pad(picture, 2)[2 + rows :, 2 + columns :][: picture.shape[0], : picture.shape[1]]


def test_edge_is_the_picture_minus_its_erosion(picture):
    core = ndimage.binary_erosion(np.pad(picture, 1, mode="edge"), np.ones((3, 3)))[1:-1, 1:-1]
    np.testing.assert_array_equal(black(run("EDGE", picture=picture)), picture & ~core)


@pytest.mark.parametrize("seed", range(4))
def test_edgegray_thresholds_the_laplacian(seed):
    picture = np.random.default_rng(seed).uniform(-1, 1, (9, 13)).round(1)
    contrast = 9 * picture - ndimage.correlate(picture, np.ones((3, 3)), mode="nearest")
    picture[np.abs(contrast - 0.5) < 0.01] += 0.05  # not on the threshold
    contrast = 9 * picture - ndimage.correlate(picture, np.ones((3, 3)), mode="nearest")
    np.testing.assert_array_equal(black(run("EDGEGRAY", picture=picture)), contrast > 0.5)


def test_corner_has_at_most_three_neighbours(picture):
    picture = framed(picture)
    np.testing.assert_array_equal(black(run("CORNER", picture=picture)), picture & (count(picture, EIGHT) <= 3))


def test_corner_is_undecided_at_the_edge_where_its_drive_is_zero():
    picture = drawn("#.... ##... .....")  # the first pixel of the second row: two black, three white neighbours
    output = run("CORNER", picture=picture)
    assert output[1, 0] == 0 and output[1, 1] == 1


def test_figdel_keeps_isolated_pixels(picture):
    np.testing.assert_array_equal(black(run("FIGDEL", picture=picture)), picture & (count(picture, EIGHT) == 0))


def test_figextr_deletes_isolated_pixels(picture):
    np.testing.assert_array_equal(black(run("FIGEXTR", picture=picture)), picture & (count(picture, EIGHT) > 0))


@pytest.mark.parametrize(("name", "stays"), [("FIGDEL", False), ("FIGEXTR", True)])
def test_with_the_published_boundary_isolated_pixels_at_the_edge_are_mistaken(name, stays):
    picture = drawn("..... #.... .....")
    assert black(run(name, {"fixed": 0}, picture=picture))[1, 0] == stays


def test_junction_has_at_least_three_neighbours(picture):
    np.testing.assert_array_equal(black(run("JUNCTION", picture=picture)), picture & (count(picture, EIGHT) >= 3))


def test_deldiag1_keeps_pixels_without_diagonal_neighbours(picture):
    np.testing.assert_array_equal(black(run("DELDIAG1", picture=picture)), picture & (count(picture, DIAGONAL) == 0))


def test_erosion(picture):
    output = black(run("EROSION", picture=picture))
    np.testing.assert_array_equal(output, ndimage.binary_erosion(picture, UP_AND_RIGHT))
    np.testing.assert_array_equal(output, picture & seen(picture, -1, 0) & seen(picture, 0, 1))


def test_dilation(picture):
    output = black(run("DILATION", picture=picture))
    np.testing.assert_array_equal(output, ndimage.binary_dilation(picture, UP_AND_RIGHT))
    np.testing.assert_array_equal(output, picture | seen(picture, 1, 0) | seen(picture, 0, -1))


def test_erosion_then_dilation_is_the_opening(picture):
    opened = black(run("DILATION", picture=black(run("EROSION", picture=picture))))
    np.testing.assert_array_equal(opened, ndimage.binary_opening(picture, UP_AND_RIGHT))


@pytest.mark.parametrize("seed", range(3))
def test_erosion_and_dilation_by_another_element(seed):
    rng = np.random.default_rng(seed)
    element, picture = rng.random((3, 3)) < 0.6, rng.random((9, 14)) < 0.6
    element[1, 1] = True
    B, n = element.astype(float).tolist(), int(element.sum())
    eroded = settle("EROSION", np.where(picture, 1.0, -1.0), B=B, z=1 - n)
    np.testing.assert_array_equal(black(eroded), ndimage.binary_erosion(picture, element))
    B = element[::-1, ::-1].astype(float).tolist()
    dilated = settle("DILATION", np.where(picture, 1.0, -1.0), B=B, z=n - 1)
    np.testing.assert_array_equal(black(dilated), ndimage.binary_dilation(picture, element))


def test_lcp(picture):
    below = seen(picture, 1, -1) | seen(picture, 1, 1)
    expected = picture & seen(picture, 0, -1) & seen(picture, 0, 1) & ~seen(picture, 1, 0) & below
    np.testing.assert_array_equal(black(run("LCP", picture=picture)), expected)


def test_rightcon(picture):
    expected = picture & seen(picture, 0, -1) & ~seen(picture, 0, 1)
    np.testing.assert_array_equal(black(run("RIGHTCON", picture=picture)), expected)


PATTERNS = {
    "published": [[1, -1, 1], [0, 1, 0], [1, -1, 1]],
    "hook": [[1, 1, 0], [-1, 1, 0], [-1, -1, 0]],
    "step": [[0, -1, -1], [1, 1, -1], [0, 1, 0]],
}


@pytest.mark.parametrize("pattern", PATTERNS.values(), ids=list(PATTERNS))
def test_match_is_a_hit_or_miss(picture, pattern):
    pattern = np.array(pattern)
    z = 0.5 - np.count_nonzero(pattern)
    output = black(settle("MATCH", np.where(picture, 1.0, -1.0), B=pattern.tolist(), z=z))
    expected = ndimage.binary_hit_or_miss(picture, pattern == 1, pattern == -1)
    # outside is neither black nor white
    reach = ndimage.binary_erosion(np.ones_like(picture), pattern != 0)
    np.testing.assert_array_equal(output, expected & reach)


def test_match_finds_the_published_pattern():
    picture = framed(drawn("#.#.. .#..# #.#.. ...#."))
    assert np.argwhere(black(run("MATCH", picture=picture))).tolist() == [[2, 2]]


def test_shifte_moves_to_the_right(picture):
    expected = np.hstack([picture[:, :1], picture[:, :-1]])
    np.testing.assert_array_equal(black(run("SHIFTE", picture=picture)), expected)


@pytest.mark.parametrize("threshold", [-0.7, -0.2, 0.0, 0.35, 0.9])
def test_threshold(threshold):
    picture = np.random.default_rng(7).uniform(-1, 1, (8, 13))
    picture[np.abs(picture - threshold) < 1e-3] = -1.0
    output = settle("THRESHOLD", x0=picture, z=-threshold)
    np.testing.assert_array_equal(black(output), picture > threshold)


@pytest.mark.parametrize("size", [(9, 12), (1, 8), (7, 7)])
def test_logic(size):
    rng = np.random.default_rng(size[0])
    first, second = rng.random(size) < 0.5, rng.random(size) < 0.5
    given = {"first_picture": first, "second_picture": second}
    np.testing.assert_array_equal(black(run("AND", **given)), first & second)
    np.testing.assert_array_equal(black(run("OR", **given)), first | second)
    np.testing.assert_array_equal(black(run("DIF", **given)), second & ~first)
    np.testing.assert_array_equal(black(run("NOT", picture=first)), ~first)


def test_increase_is_one_synchronous_step_of_dilation(picture):
    """One explicit Euler step of one time constant: v <- A y + z, y <- the sign of v."""
    from cellnn.circuits.boundary import Boundary
    from cellnn.circuits.library import read_template
    from cellnn.circuits.template import Template

    from ..reference import correlate

    published = read_template("INCREASE")
    assert published.discrete_time
    template = Template.of(published.A, published.B, published.z, channels=1)
    edge = Boundary.parse(published.setting["boundary"])
    y = np.where(picture, 1.0, -1.0)[None]
    for grown in (1, 2):
        v = correlate(template.A, edge.pad(y, 1, 1)) + template.z[:, None, None]
        y = np.sign(v)
        expected = ndimage.binary_dilation(picture, np.ones((3, 3)), grown)
        np.testing.assert_array_equal(v[0] > 0, expected)
    assert (black(run("INCREASE", picture=picture, duration=10.0))).all()  # not in continuous time
