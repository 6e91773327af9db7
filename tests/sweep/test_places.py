"""Places: against Python's own indexing."""

import pytest

from cellnn.devices.errors import InputError
from cellnn.sweep.places import overlap, put, steps, take

BASE = {"input": 0.3, "cell": {"R": 1, "memristor": True}, "layers": [{"template": "EDGE"}, None]}


@pytest.mark.parametrize("place", ["input", "initial", "layers", "cell", "grid", "seed"])
def test_a_place_of_one_word_takes_any_value(place):
    for value in (0.1, [1, 2], {"a": 3}):
        assert put(BASE, {place: value}) == BASE | {place: value}
    assert BASE["input"] == 0.3 and place not in take(BASE, {place: 0})


def test_values_stand_where_python_finds_them():
    found = put(BASE, {"cell.memristor.area": 2, "layers[0].template": "COPY", "layers[1].name": "b"})
    assert found["cell"] == {"R": 1, "memristor": {"area": 2}}
    assert found["layers"] == [{"template": "COPY"}, {"name": "b"}]
    assert put({"x": [[1, 2], [3, 4]]}, {"x[1][0]": 9}) == {"x": [[1, 2], [9, 4]]}
    assert take(BASE, {"layers[0].template": 0, "cell.R": 0, "no.where": 0}) == {
        "input": 0.3, "cell": {"memristor": True}, "layers": [{}, None]
    }  # fmt: skip


@pytest.mark.parametrize(
    ("place", "match"),
    [
        ("input[0]", "a list at input"),
        ("layers.template", "a mapping at layers"),
        ("layers[2]", "an index from 0 to 1"),
        ("layers[0].template.A", "a mapping at template"),
        ("cell[0]", "a list at cell"),
        ("new[0]", "a list at new"),
    ],
)
def test_a_place_that_the_document_cannot_have_is_told(place, match):
    with pytest.raises(InputError, match=match):
        put(BASE, {place: 1})


@pytest.mark.parametrize(
    "place", ["", ".", "cell..R", "cell.R.", ".cell", "[0]", "a[x]", "a[01]", "a[-1]", "a]b", "a b"]
)
def test_there_is_one_way_to_write_a_place(place):
    with pytest.raises(InputError, match="a place in the base"):
        steps(place)


def test_places_overlap_where_one_holds_the_other():
    assert overlap("cell", "cell.R") and overlap("layers[1].template", "layers[1]") and overlap("seed", "seed")
    assert not overlap("cell.R", "cell.Rb") and not overlap("layers[0]", "layers[1]") and not overlap("cell", "input")
