"""Templates whose waves run over the array."""

import numpy as np
import pytest
from scipy import ndimage

from .pictures import drawn, framed
from .settle import black, grey, run, settle

EIGHT = np.ones((3, 3), bool)
CROSS = ndimage.generate_binary_structure(2, 1)


def test_hole_fills_the_holes(picture):
    picture = framed(picture)
    np.testing.assert_array_equal(black(run("HOLE", picture=picture)), ndimage.binary_fill_holes(picture))


def test_hole_at_the_edge(picture):
    """With white cells outside every picture comes out right; with the published grey ones, the corners open it."""
    np.testing.assert_array_equal(
        black(run("HOLE", {"fixed": -1}, picture=picture)), ndimage.binary_fill_holes(picture)
    )
    corners = np.zeros_like(picture)
    corners[np.ix_((0, -1), (0, -1))] = True
    if min(picture.shape) > 1:
        open_ground = ndimage.binary_propagation(corners & ~picture, CROSS, ~picture)
        np.testing.assert_array_equal(black(run("HOLE", picture=picture)), ~open_ground)


def test_hole_on_a_winding_path():
    picture = framed(drawn(".######## .#....... .#.###### .#.#....# .#.#.##.# .#.#..#.# .#.####.# .#......# .########"))
    longest = picture.size
    np.testing.assert_array_equal(
        black(run("HOLE", duration=1.5 * longest, picture=picture)), ndimage.binary_fill_holes(picture)
    )


def test_shadow_falls_to_the_left(picture):
    expected = np.logical_or.accumulate(picture[:, ::-1], axis=1)[:, ::-1]
    np.testing.assert_array_equal(black(run("SHADOW", picture=picture)), expected)


def test_shadsim_falls_up_and_down(picture):
    expected = np.broadcast_to(picture.any(axis=0), picture.shape)
    np.testing.assert_array_equal(black(run("SHADSIM", picture=picture)), expected)


def packed_runs(line):
    """One black pixel for every run of black ones, one apart, from the end of the line."""
    runs = np.count_nonzero(np.diff(line.astype(int), prepend=0) == 1)
    packed = np.zeros_like(line)
    packed[len(line) - 1 - 2 * np.arange(runs)] = True
    return packed


def test_ccd_hor_counts_the_runs_of_rows(picture):
    np.testing.assert_array_equal(black(run("CCD_HOR", picture=picture)), np.apply_along_axis(packed_runs, 1, picture))


def test_ccd_vert_counts_the_runs_of_columns(picture):
    np.testing.assert_array_equal(black(run("CCD_VERT", picture=picture)), np.apply_along_axis(packed_runs, 0, picture))


def test_ccd_diag_counts_the_runs_of_diagonals(picture):
    rows, columns = np.indices(picture.shape)
    expected = np.zeros_like(picture)
    for diagonal in range(-picture.shape[0] + 1, picture.shape[1]):
        on = columns - rows == diagonal
        expected[on] = packed_runs(picture[on])
    np.testing.assert_array_equal(black(run("CCD_DIAG", picture=picture)), expected)


def test_ccd_with_grey_outside_loses_the_count():
    picture = drawn("##..#...")
    assert black(run("CCD_HOR", picture=picture)).sum() == 2
    assert black(run("CCD_HOR", {"fixed": 0}, picture=picture)).sum() > 2


def marked(mask, seed):
    return mask & (np.random.default_rng(seed).random(mask.shape) < 0.08)


@pytest.mark.parametrize("seed", range(3))
def test_recall_reconstructs_the_marked_objects(picture, seed):
    marker = marked(picture, seed)
    expected = ndimage.binary_propagation(marker, EIGHT, picture)
    np.testing.assert_array_equal(black(run("RECALL", mask=picture, marker=marker)), expected)
    # and with a margin
    noise = np.random.default_rng(seed).uniform(-0.04, 0.04, picture.shape)
    noisy = settle("RECALL", 0.96 * grey(picture) + noise, 0.96 * grey(marker) + noise[::-1])
    np.testing.assert_array_equal(black(noisy), expected)


def check_figrec(output, expected):
    """A one-pixel hole in an object is in balance: it may fill or not."""
    pit = ndimage.correlate(expected.astype(int), EIGHT.astype(int), mode="constant") == 8
    decided = expected | ~pit
    np.testing.assert_array_equal(output[decided], expected[decided])


@pytest.mark.parametrize("seed", range(3))
def test_figrec_reconstructs_the_marked_objects(picture, seed):
    mask = framed(picture)
    marker = marked(mask, seed)
    output = run("FIGREC", mask=mask, marker=marker) > 0
    check_figrec(output, ndimage.binary_propagation(marker, EIGHT, mask))


def test_figrec_at_the_edge(picture):
    """With the published grey cells outside, objects that touch the edge are reconstructed unasked."""
    marker = marked(picture, 0)
    output = run("FIGREC", {"fixed": -1}, mask=picture, marker=marker) > 0
    check_figrec(output, ndimage.binary_propagation(marker, EIGHT, picture))
    edge = np.ones_like(picture)
    edge[1:-1, 1:-1] = False
    output = run("FIGREC", mask=picture, marker=marker) > 0
    check_figrec(output, ndimage.binary_propagation(marker | (edge & picture), EIGHT, picture))


def test_figrec_has_no_margin():
    """The least disturbance of an unmarked object starts a wave in it, where RECALL does not care."""
    mask = framed(np.ones((3, 4), bool))
    start = np.full(mask.shape, -1.0)
    start[2, 2] += 1e-6
    assert (black(settle("FIGREC", grey(mask), start)) == mask).all()
    assert not black(settle("RECALL", grey(mask), start)).any()


@pytest.mark.parametrize("seed", range(3))
def test_connecti_deletes_the_marked_objects(picture, seed):
    erased = picture & (np.random.default_rng(seed).random(picture.shape) < 0.08)
    expected = picture & ~ndimage.binary_propagation(erased, CROSS, picture)
    np.testing.assert_array_equal(black(run("CONNECTI", mask=picture, marker=picture & ~erased)), expected)


def test_hollow_fills_until_no_place_is_concave(picture):
    filled = picture
    while True:
        sums = ndimage.correlate(np.where(filled, 1, -1), EIGHT.astype(int), mode="constant") - np.where(filled, 1, -1)
        more = filled | (sums >= 0)  # at least four black ones of eight; outside counts half
        if (more == filled).all():
            break
        filled = more
    np.testing.assert_array_equal(black(run("HOLLOW", picture=picture)), filled)


@pytest.mark.parametrize(("name", "pace"), [("PATCHMAK", 2.0), ("PROP1", 0.58)])
def test_a_front_runs_at_a_constant_pace(name, pace):
    front = np.zeros((5, 30), bool)
    front[:, :2] = True
    for cells in (4, 8, 16):
        grown = run(name, duration=pace * cells, picture=front) > 0
        assert (grown == grown[0]).all()
        assert abs(np.count_nonzero(grown[0]) - 2 - cells) <= 1


@pytest.mark.parametrize("name", ["PATCHMAK", "PROP1"])
def test_objects_grow_in_all_directions(name):
    seed = np.zeros((13, 13), bool)
    seed[6, 6] = True
    grown = run(name, duration=3.0, picture=seed) > 0
    assert 4 < np.count_nonzero(grown) < grown.size
    for turned in (grown.T, grown[::-1], grown[:, ::-1]):
        np.testing.assert_array_equal(grown, turned)


@pytest.mark.parametrize("name", ["PATCHMAK", "PROP1"])
def test_growing_ends_when_all_is_black(name, picture):
    output = black(run(name, duration=100.0, picture=picture))
    assert (output == picture.any()).all()


def test_horline_keeps_pixels_of_horizontal_lines(picture):
    expected = ndimage.binary_opening(picture, [[1, 1]])
    np.testing.assert_array_equal(black(run("HORLINE", picture=picture)), expected)


def surrounding(output, neighbours, outside):
    return ndimage.correlate(output, neighbours.astype(float), mode="constant", cval=outside) - output


def test_smkiller_leaves_only_majorities(picture):
    output = np.where(black(run("SMKILLER", picture=picture)), 1.0, -1.0)
    assert (surrounding(output, EIGHT, -1.0) * output >= 0).all()


def test_smkiller_deletes_small_objects_and_keeps_large_ones():
    picture = np.zeros((16, 24), bool)
    picture[2, 2] = picture[2:4, 5:7] = picture[2:5, 9:12] = picture[2, 14:22] = True
    picture[7:11, 2:6] = picture[7:14, 9:20] = True
    expected = np.zeros_like(picture)
    for rows, columns in ((slice(7, 11), slice(2, 6)), (slice(7, 14), slice(9, 20))):
        expected[rows, columns] = True
        for i in (rows.start, rows.stop - 1):
            for j in (columns.start, columns.stop - 1):
                expected[i, j] = False
    np.testing.assert_array_equal(black(run("SMKILLER", picture=picture)), expected)
