"""STUDY.yaml: what is at fault is told with its line before anything runs."""

import pytest

from cellnn.devices.errors import InputError
from cellnn.sweep.check import check
from cellnn.sweep.run import run_study
from cellnn.sweep.study import read_study
from cellnn.sweep.work import work_of


def broken(study, write_study, match):
    with pytest.raises(InputError, match=match) as caught:
        run_study(write_study(study), "nowhere/to/be/made", workers=1)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("keys", "match"),
    [
        ({"measures": ["error_rsm"]}, r"study.yaml, line \d+: measures\[0\]: got 'error_rsm'.*did you mean error_rms"),
        ({"measures": ["similarity"]}, "that is one of deployments"),
        ({"measures": []}, "at least one of"),
        ({"deployment": {"model": "m", "hardware": "h"}}, "a spec or a deployment"),
        ({"vary": {"cell.R": {"list": []}}}, r"line \d+: vary.cell.R.list: got \[\]"),
        ({"vary": {"cell.R": {"grid": {"low": 2, "high": 1, "count": 3}}}}, r"line \d+: vary.cell.R.grid?.*above low"),
        ({"vary": {"cell.R": {"random": {"low": 1, "count": 3}}}}, r"vary.cell.R.*high: expected this key"),
        ({"vary": {"cell.R": 3}}, r"vary.cell.R: got 3; expected one of"),
        ({"vary": {"cell.r": {"list": [1]}}}, r"vary.cell.r: got 1; .*did you mean R"),
        ({"vary": {"cell.C": {"list": ["1nF", "1V"]}}}, r"vary.cell.C: got '1V'; expected a quantity in F"),
        ({"vary": {"cell.C": {"list": ["1nF", "1nF"]}}},
         r"line \d+: vary.cell.C.list\[1\]: got '1nF'; expected each value once"),
        ({"vary": {"cell.C": {"random": {"distribution": "normal", "mean": 1e-9, "std": 1e-9, "count": 50}}}},
         "vary.cell.C: got -.*from 1e-18 to 1 F"),
        ({"vary": {"cell.R": {"grid": {"low": "1kV", "high": "3kV", "count": 2}}}},
         "vary.cell.R: got '1000 V'; expected a quantity in Ohm"),
        ({"vary": {"cell.R": {"grid": {"low": "1kOhm", "high": "3kV", "count": 2}}}},
         "vary.cell.R.grid.high: got '3kV'; expected a number in Ohm, as 1kOhm is"),
        ({"vary": {"cell.C": {"random": {"low": "1nV", "high": "2nV", "count": 2}}}}, "got '.* V'; .* quantity in F"),
        ({"vary": {"cell.C": {"random": {"distribution": "normal", "mean": "1nV", "std": "1pV", "count": 2}}}},
         "got '.* V'; .* quantity in F"),
        ({"vary": {"cell.R": {"grid": {"low": "1%", "high": "3%", "count": 2}}}}, "got '1%'; .* quantity in Ohm"),
        ({"vary": {"hardware.mismatch.R": {"grid": {"low": "0.1V", "high": "0.2V", "count": 2}}}}, "it has no unit"),
        ({"vary": {"hardware.temperature": {"grid": {"low": "250K", "high": "300K", "count": 2}}}}, "a K alone"),
        ({"specification": {"energy": {"below": 1}}}, "a measure of this study"),
        ({"specification": {"error_rms": {}}}, "below, above or both"),
        ({"sensitivity": {"samples": 4}}, "something random in vary"),
        ({"sensitivity": {"samples": 5}}, "a power of 2"),
        ({"measures": ["settling_time"]}, "run.settle in the base"),
        ({"chips": 3}, "no such key here"),
        ({"spec": "missing.yaml"}, "missing.yaml: expected a readable file"),
    ],
)  # fmt: skip
def test_what_is_at_fault_is_told(keys, match, study, write_study):
    broken(study | keys, write_study, match)


def test_units_and_whole_numbers_that_a_place_takes(study, write_study):
    """Of a unit with a divisor, in per cent, bare, and of places that take whole numbers only."""
    vary = {
        "cell.R": {"grid": {"low": "500Ohm", "high": 1000, "count": 2}},
        "hardware.mismatch.C": {"random": {"low": 0, "high": "29%", "count": 3}},
        "hardware.quantisation.bits": {"grid": {"low": 2, "high": 8, "count": 3}},
        "grid.rows": {"grid": {"low": 5, "high": 7, "count": 2}},
    }
    spec = {key: value for key, value in study["spec"].items() if key != "input"}
    found = read_study(write_study(study | {"spec": spec, "vary": vary}))
    work, names = work_of(found)
    assert check(found, work, names)(1e9) >= 1
    assert {found.points.at(k)["hardware.quantisation.bits"] for k in range(len(found.points))} == {2, 5, 8}


def test_a_yield_needs_free_draws(study, write_study):
    vary = {"cell.R": {"random": {"low": 900, "high": 1100}}}
    broken(
        study | {"vary": vary, "sensitivity": {"samples": 4}, "specification": {"error_rms": {"below": 1}}},
        write_study, "its points are no free draws",
    )  # fmt: skip


def test_keys_depend_on_what_is_computed_and_on_nothing_else(study, write_study, tmp_path):
    def keys(content):
        found = read_study(write_study(content))
        work, _ = work_of(found)
        return [work.key(found.points.at(k)) for k in range(len(found.points))]

    first = keys(study)
    assert len(set(first)) == len(first)
    assert keys(study | {"name": "another", "quantiles": [0.5], "confidence": 0.9}) == first
    more = study | {"vary": {"chips": {"count": 20}}}
    assert keys(more)[:12] == first
    assert not set(keys(study | {"vary": {"chips": {"count": 12, "first": 12}}})) & set(first)
    assert not set(keys(study | {"measures": ["error_rms"]})) & set(first)
    other = study | {"spec": study["spec"] | {"initial": 0.1}}
    assert not set(keys(other)) & set(first)
    # what is varied says what stands there, whatever the base has
    varied = study | {"vary": {"initial": {"list": [0.1, 0.2]}}}
    assert keys(varied | {"spec": other["spec"]}) == keys(varied)


def test_a_file_counts_by_its_content_and_not_by_its_name(study, write_study, tmp_path):
    import numpy as np

    def keys(name, values):
        np.save(tmp_path / name, values)
        found = read_study(write_study(study | {"spec": study["spec"] | {"input": name}}))
        work, _ = work_of(found)
        return work.key(found.points.at(0))

    one = keys("one.npy", np.zeros((5, 6)))
    assert keys("two.npy", np.zeros((5, 6))) == one
    assert keys("one.npy", np.ones((5, 6))) != one
