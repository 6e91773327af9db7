"""Results as trees: the short way to make one leaves the same tree as xarray's own constructors."""

import copy
import pickle

import numpy as np
import pytest
import xarray as xr

import cellnn
from cellnn.simulator import result, tree

from .test_engines import plain


@pytest.fixture(params=[{}, {"samples": 2}, {"channels": 2, "settle": 1e-3}, {"samples": 3, "settle": 1e-3}], ids=str)
def circuit(request):
    spec = plain(**request.param)
    spec["layers"] = [{**spec["layers"][0], "name": name} for name in ("first", "second")]
    return cellnn.load(spec)


def test_the_short_way_makes_what_xarray_makes(circuit, monkeypatch):
    assert set(xr.DataTree.__slots__) == tree.SLOTS  # else the short way is not taken
    made = cellnn.simulate(circuit)
    monkeypatch.setattr(result, "tree_of", tree.checked_tree)
    built = cellnn.simulate(circuit)
    xr.testing.assert_identical(made, built)
    assert repr(made) == repr(built)
    for one, other in zip(made.subtree, built.subtree, strict=True):
        for slot in sorted(tree.SLOTS - {"_cache", "_parent"}):
            here, there = getattr(one, slot), getattr(other, slot)
            assert type(here) is type(there)
            if isinstance(here, dict):
                assert list(here) == list(there)
        assert {k: type(v) for k, v in one.coords.variables.items()} == {
            k: type(v) for k, v in other.coords.variables.items()
        }
        assert one.parent is None or one.parent is made


def test_another_xarray_is_left_to_build_the_tree_itself(circuit, monkeypatch):
    expected = cellnn.simulate(circuit)
    monkeypatch.setattr(tree, "SLOTS", tree.SLOTS | {"_of_another_version"})
    xr.testing.assert_identical(cellnn.simulate(circuit), expected)


def test_trees_are_copied_pickled_and_changed_as_any_other(circuit):
    made = cellnn.simulate(circuit)
    xr.testing.assert_identical(pickle.loads(pickle.dumps(made)), made)  # noqa: S301
    deep, shallow = copy.deepcopy(made), made.copy()
    xr.testing.assert_identical(deep, made)
    deep["first"]["state"].values[:] = 0.0
    deep.attrs["title"] = deep["first"].attrs["title"] = "changed"
    shallow["first"]["more"] = "row", np.arange(6)
    shallow["third"] = xr.DataTree(xr.Dataset({"a": 1}))
    xr.testing.assert_identical(made, cellnn.simulate(circuit))
    last = made["first"]["state"].sel(time=made["first"].time[-1])
    assert np.array_equal(last.values, made["first"]["state"].values[..., -1, :, :, :])
    assert made["/first/time"].identical(made["first"]["time"])
    assert made.map_over_datasets(lambda group: group.isel(time=0) if "time" in group.dims else group)["second"]


def test_no_result_shares_an_array_with_another(circuit):
    one, other = cellnn.simulate(circuit), cellnn.simulate(circuit)
    for name in ("first", "second"):
        for variable in one[name].variables:
            assert not np.shares_memory(one[name][variable].values, other[name][variable].values)
