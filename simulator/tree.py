"""Trees of labelled arrays, put together without the checks that a result cannot fail.

xarray's constructors copy every group, align its coordinates with those of the root and merge them: a millisecond, as
much as the run of a small array. Here the parts go where they belong at once. What the parts of a DataTree are is not
xarray's promise: where its slots are not those known here, its constructors do the work.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd  # type: ignore[import-untyped]
import xarray as xr
from xarray.indexes import PandasIndex

SLOTS = {
    "_attrs", "_cache", "_children", "_close", "_data_variables", "_encoding", "_name", "_node_coord_variables",
    "_node_dims", "_node_indexes", "_parent",
}  # fmt: skip
"""What makes a node of a tree, from xarray 2024.10 on."""


@dataclass(frozen=True)
class Group:
    """What a group holds: its variables, one of them the index of the dimension of its name, and its attributes."""

    variables: dict[str, xr.Variable]
    index: str
    attributes: dict[str, Any]


def tree_of(groups: Mapping[str, Group], attributes: dict[str, Any]) -> xr.DataTree:
    """The tree of these groups, below a root that has attributes only."""
    if set(xr.DataTree.__slots__) != SLOTS:
        return checked_tree(groups, attributes)
    root = _node(None, None, {}, {}, {}, {}, dict(attributes))
    for name, group in groups.items():
        values = group.variables[group.index]
        # named and typed here: from a bare array, xarray finds out and copies
        index = PandasIndex(pd.Index(values.data, name=group.index), group.index, values.dtype, fastpath=True)
        coordinates = index.create_variables({group.index: values})
        data = {key: variable for key, variable in group.variables.items() if key != group.index}
        sizes = {dim: size for variable in group.variables.values() for dim, size in variable.sizes.items()}
        indexes = {group.index: index}
        root._children[name] = _node(name, root, data, coordinates, sizes, indexes, dict(group.attributes))
    return root


def checked_tree(groups: Mapping[str, Group], attributes: dict[str, Any]) -> xr.DataTree:
    """The same tree, by way of xarray's constructors."""
    nodes = {}
    for name, group in groups.items():
        data = {key: variable for key, variable in group.variables.items() if key != group.index}
        coordinates = {group.index: group.variables[group.index]}
        nodes[name] = xr.DataTree(xr.Dataset(data, coordinates, group.attributes))
    tree = xr.DataTree(children=nodes)
    tree.attrs = attributes
    return tree


def _node(
    name: str | None, parent: xr.DataTree | None, data: Any, coordinates: Any, sizes: Any, indexes: Any, attributes: Any
) -> xr.DataTree:
    node = object.__new__(xr.DataTree)
    parts = {
        "_name": name, "_parent": parent, "_children": {}, "_data_variables": data,
        "_node_coord_variables": coordinates, "_node_dims": sizes, "_node_indexes": indexes,
        "_encoding": None, "_attrs": attributes, "_close": None,
    }  # fmt: skip
    for slot, part in parts.items():
        object.__setattr__(node, slot, part)
    return node
