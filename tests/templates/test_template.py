"""Templates and boundaries as a spec gives them."""

import numpy as np
import pytest

from cellnn.circuits.boundary import Boundary
from cellnn.circuits.template import Template
from cellnn.devices import InputError

from ..reference import correlate

LEFT = [[0, 0, 0], [1, 0, 0], [0, 0, 0]]


def test_a_matrix_couples_every_channel_to_itself():
    template = Template.of(LEFT, 2, 0.5, channels=3)
    assert template.A.shape == (3, 3, 3, 3) and template.B.shape == (3, 3, 1, 1)
    for k in range(3):
        for j in range(3):
            np.testing.assert_array_equal(template.A[k, j], np.array(LEFT) * (k == j))
    np.testing.assert_array_equal(template.z, [0.5] * 3)
    assert template.radius == (1, 1)


def test_the_first_row_and_column_look_up_and_left():
    template = Template.of(LEFT, [[1], [0], [0]], 0, channels=1)
    y = np.arange(12.0).reshape(1, 3, 4)
    zero_flux = Boundary.parse("zero-flux")
    np.testing.assert_array_equal(correlate(template.A, zero_flux.pad(y, 1, 1))[0, 1], [4, 4, 5, 6])
    np.testing.assert_array_equal(correlate(template.B, zero_flux.pad(y, 1, 0))[0, :, 0], [0, 0, 4])


def test_full_kernels_sizes_and_absent_ones():
    A = np.random.default_rng(0).normal(size=(2, 2, 5, 1))
    template = Template.of(A, None, [1, 2], channels=2)
    np.testing.assert_array_equal(template.A, A)
    assert not template.B.any() and template.radius == (2, 0)
    A[:] = 0
    assert template.A.any()  # its own copy
    with pytest.raises(ValueError, match="read-only"):
        template.A[0, 0, 0, 0] = 1


def test_a_matrix_b_takes_one_plane_to_every_channel():
    template = Template.of(1, LEFT, 0, channels=3)
    one = template.with_input_channels(1)
    assert one.B.shape == (3, 1, 3, 3)
    for k in range(3):
        np.testing.assert_array_equal(one.B[k, 0], LEFT)
    np.testing.assert_array_equal(one.with_input_channels(3).B, template.B)
    np.testing.assert_array_equal(Template.of(1, LEFT, 0, 3, input_channels=1).B, one.B)
    assert Template.of(1, None, 0, 3, input_channels=7).B.shape == (3, 7, 1, 1)
    full = Template.of(1, np.ones((3, 2, 3, 3)), 0, channels=3, input_channels=2)
    assert full.B.shape == (3, 2, 3, 3)


@pytest.mark.parametrize(
    ("A", "place"),
    [
        ([[1, 2], [3, 4]], "A"),
        ([[1, 2]], "A"),
        ([[1, 2, 3], [1, 2], [1, 2, 3]], "A[1]"),
        ([[1, 2, 3], [1, [2], 3], [1, 2, 3]], "A[1][1]"),
        ([1, 2, 3], "A"),
        ([[[1]]], "A"),
        ([], "A"),
        ([[]], "A"),
        ([[True]], "A[0][0]"),
        (True, "A"),
        ("EDGE", "A"),
        ([["a"]], "A[0][0]"),
        ([[1, float("nan"), 1]], "A[0][1]"),
        (float("inf"), "A"),
        (10**400, "A"),
        (1j, "A"),
        ({"centre": 1}, "A"),
        (np.array([[np.nan]]), "A[0][0]"),
        (np.array([[True]]), "A"),
        ([[[[1]]]], "A"),
        (np.ones((2, 1, 3, 3)), "A"),
    ],
)
def test_bad_kernels_are_named(A, place):
    with pytest.raises(InputError) as error:
        Template.of(A, 0, 0, channels=2)
    assert error.value.place == place
    with pytest.raises(InputError) as error:
        Template.of(A, 0, 0, channels=2, place="layers[0].template")
    assert error.value.place == f"layers[0].template.{place}"


@pytest.mark.parametrize("z", [[1, 2, 3], [[1, 2]], [True, 1], "0", float("nan"), []])
def test_bad_biases_are_named(z):
    with pytest.raises(InputError) as error:
        Template.of(1, 0, z, channels=2)
    assert error.value.place.startswith("z")


@pytest.mark.parametrize(("B", "inputs"), [(LEFT, 3), (np.ones((2, 1, 3, 3)), 2), (np.ones((2, 3, 3, 3)), 1)])
def test_an_input_of_other_channels_is_an_error(B, inputs):
    with pytest.raises(InputError) as error:
        Template.of(1, B, 0, channels=2, input_channels=inputs)
    assert error.value.place == "B"


def test_pad():
    array = np.arange(6.0).reshape(1, 2, 3)
    pad = Boundary.parse("zero-flux").pad(array, 1, 2)[0]
    np.testing.assert_array_equal(pad[0], [0, 0, 0, 1, 2, 2, 2])
    np.testing.assert_array_equal(pad[:, 0], [0, 0, 3, 3])
    pad = Boundary.parse("periodic").pad(array, 1, 1)[0]
    np.testing.assert_array_equal(pad[0], [5, 3, 4, 5, 3])
    pad = Boundary.parse({"fixed": -1}).pad(array, 1, 1)[0]
    np.testing.assert_array_equal(pad[0], [-1] * 5)
    np.testing.assert_array_equal(pad[1], [-1, 0, 1, 2, -1])


@pytest.mark.parametrize("value", ["zero-flux", "periodic", {"fixed": -1.0}, {"fixed": 0.0}])
def test_a_boundary_writes_what_it_read(value):
    boundary = Boundary.parse(value)
    assert boundary.as_spec() == value
    assert Boundary.parse(boundary.as_spec()) == boundary == Boundary.parse(boundary)


@pytest.mark.parametrize(
    ("value", "place", "hint"),
    [
        ("zeroflux", "boundary", "did you mean zero-flux?"),
        ("fixed", "boundary", "{fixed: -1}"),
        ({"fixd": 1}, "boundary.fixd", "did you mean fixed?"),
        ({"fixed": 1, "value": 2}, "boundary.value", ""),
        ({"fixed": True}, "boundary.fixed", ""),
        ({"fixed": "1"}, "boundary.fixed", ""),
        ({"fixed": float("nan")}, "boundary.fixed", ""),
        ({"fixed": 10**400}, "boundary.fixed", ""),
        ({}, "boundary", ""),
        (3, "boundary", ""),
        (None, "boundary", ""),
    ],
)
def test_bad_boundaries_are_named(value, place, hint):
    with pytest.raises(InputError) as error:
        Boundary.parse(value)
    assert error.value.place == place
    assert hint in error.value.hint
