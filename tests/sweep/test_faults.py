"""What users get wrong in bases, values and folders is told where it stands; what only looks wrong runs."""

import json

import numpy as np
import pytest
import yaml
import zarr

import cellnn
from cellnn.devices.errors import InputError
from cellnn.sweep import store as store_of
from cellnn.sweep.cluster import SweepError
from cellnn.sweep.study import read_study
from cellnn.sweep.work import work_of

from .conftest import BASE, tree


def varied(study, **places):
    return study | {"vary": {place.replace("__", "."): how for place, how in places.items()}}


def told(run_here, content, match):
    with pytest.raises(InputError, match=match) as caught:
        run_here(content)
    assert "\n" not in str(caught.value)


def test_a_place_of_one_word_may_vary(study, run_here):
    found = run_here(varied(study, initial={"list": [0.1, 0.2]}) | {"measures": ["output_mean"]})
    for value, row in zip((0.1, 0.2), found.values, strict=True):
        alone = cellnn.simulate(cellnn.load(BASE | {"initial": value}), threads=1)["edges"]["output"]
        assert row[0] == pytest.approx(float(alone.isel(time=-1).mean()), rel=1e-12)


def test_a_lost_chunk_is_computed_again(study, run_here, tmp_path):
    run_here(study)
    table = tmp_path / "out" / "results.zarr"
    before = tree(table)
    for name in ("error_rms/c/0", "key/c/0/0"):
        (table / name).unlink()
        assert run_here(study).tally.done == 12
        assert tree(table) == before


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize(
    "places",
    [
        {"cell": {"list": [{"circuit": "chua-yang"}]}, "cell.R": {"list": ["9kOhm"]}},
        {"seed": {"list": [{"mismatch": 1}]}, "chips": {"count": 3}},
        {"seed.noise": {"list": [1]}, "chips": {"count": 3}},
        {"layers[0]": {"list": [{"template": "EDGE"}]}, "layers[0].template": {"list": ["COPY"]}},
    ],
)
def test_places_that_hold_each_other_are_refused(places, reverse, study, run_here):
    vary = dict(reversed(places.items())) if reverse else places
    told(run_here, study | {"vary": vary}, r"study.yaml, line \d+: vary\.(?!vary)[\w.\[\]]+: expected no ")


@pytest.mark.parametrize("place", ["", "cell..R", "cell.", "[0]"])
def test_what_is_no_place_is_refused(place, study, run_here):
    told(run_here, study | {"vary": {place: {"list": [1]}}}, r"study.yaml, line \d+: vary: got .*a place in the base")


def test_equal_draws_are_computed_once(study, run_here):
    how = {"random": {"distribution": "integers", "low": 0, "high": 2, "count": 12}}
    found = run_here(varied(study, seed__mismatch=how))
    drawn = [found.study.points.at(k)["seed.mismatch"] for k in range(12)]
    assert found.tally.done == len(set(drawn)) < 12
    assert len({tuple(row) for row in found.values}) == len(set(drawn))
    for one, other in zip(np.argsort(drawn)[1:], np.argsort(drawn), strict=False):
        assert (drawn[one] == drawn[other]) == np.array_equal(found.values[one], found.values[other])


def test_stacks_of_different_height_run(study, run_here):
    one = {"name": "edges", "template": "EDGE"}
    layers = {"list": [[one], [one, {"name": "again", "template": "EDGEGRAY"}]]}
    found = run_here(varied(study, layers=layers, chips={"count": 3}))
    assert found.values.shape == (6, 2) and not any(found.failures)


@pytest.mark.parametrize(
    ("how", "value"),
    [
        ({"list": [-1, 2]}, "-1"),
        ({"list": [2, -1]}, "-1"),
        ({"list": ["x", 2]}, "'x'"),
        ({"list": [1, "x"]}, "'x'"),
        ({"random": {"low": 0, "high": 9, "count": 3}}, "[0-9.]+"),
    ],
)
def test_seeds_that_are_none_are_told(how, value, study, run_here):
    told(
        run_here, varied(study, seed__mismatch=how), rf"study.yaml, line \d+: vary.seed.mismatch: got {value}; expected"
    )


def written(tmp_path, text):
    (tmp_path / "base.yaml").write_text(text if isinstance(text, str) else yaml.safe_dump(text, sort_keys=False))
    return {"spec": "base.yaml"}


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("", r"base.yaml: got None; expected a circuit spec: a mapping"),
        ("just words", r"base.yaml: got 'just words'; expected a circuit spec"),
        ("- 1\n- 2\n", r"base.yaml: got \[1, 2\]; expected a circuit spec"),
        ("a: [1\n", r"base.yaml: line \d+, column \d+: expected valid YAML"),
        (BASE | {"cell": {"circuit": "chua-yang", "R": -5}}, r"base.yaml, line \d+: cell.R: got -5"),
    ],
)
def test_faults_of_the_base_are_told_with_its_file(text, match, study, run_here, tmp_path):
    told(run_here, study | written(tmp_path, text), match)


def test_faults_of_a_base_within_the_study_are_told_with_their_line(study, run_here):
    study["spec"]["cell"]["R"] = -5
    told(run_here, study, r"study.yaml, line \d+: spec.cell.R: got -5")
    told(run_here, varied(study, cell__R={"list": [-6, "1kOhm"]}), r"study.yaml, line \d+: vary.cell.R: got -6")


def test_a_model_that_is_not_there_is_told(study, run_here, tmp_path):
    (tmp_path / "chip.yaml").write_text("cellnn: 1\nhardware: {mismatch: {weights: 5%}}\n")
    content = {key: study[key] for key in ("study", "vary")} | {"measures": ["similarity"]}
    where = {"model": "mnist-m-celnn", "hardware": "chip.yaml"}
    told(
        run_here,
        content | {"deployment": where},
        r"study.yaml, line \d+: deployment.model: got 'mnist-m-celnn'.*did you",
    )


def test_faults_of_hardware_are_told_with_its_file(study, run_here, tmp_path):
    (tmp_path / "chip.yaml").write_text("cellnn: 1\nhardware:\n  mismatch: {weights: 5%}\n  mismacht: {gain: 1%}\n")
    content = {key: study[key] for key in ("study", "vary")} | {
        "deployment": {"model": "mnist-m-cellnn", "hardware": "chip.yaml"}, "measures": ["similarity"],
    }  # fmt: skip
    told(run_here, content, r"chip.yaml, line 4: hardware.mismacht: got .*did you mean mismatch")


def test_what_no_engine_runs_is_told_before_any_worker_starts(study, run_here):
    study["spec"]["hardware"] = {"noise": {"temperature": "300K"}}
    told(run_here, study | {"precision": "single"}, r"study.yaml, line \d+: precision: got 'single'")
    study["spec"] |= {"hardware": BASE["hardware"], "run": {"stop": "5us", "method": "ros34pw2"}}
    told(run_here, study, r"study.yaml, line \d+: spec.run.method: got 'ros34pw2'")


def test_the_point_at_fault_is_named(study, run_here):
    """A picture of another size, which only its worker sees."""
    inputs = [0.1, 0.2, [[1, 1], [1, 1]]]
    told(run_here, varied(study, input={"list": inputs}), r"got 'input: \[\[1, 1\], \[1, 1\]\]'.*5 rows x 6 columns")


def test_files_among_numbers_travel_and_are_those_beside_the_study(study, write_study, run_here, tmp_path):
    (tmp_path / "bases").mkdir()
    np.save(tmp_path / "a.npy", np.full((5, 6), 0.5))
    np.save(tmp_path / "bases" / "a.npy", np.full((5, 6), -0.5))
    np.save(tmp_path / "bases" / "start.npy", np.full((5, 6), 0.25))
    base = BASE | {"initial": "start.npy", "name": "no such picture.png"}
    (tmp_path / "bases" / "base.yaml").write_text(yaml.safe_dump(base))
    content = varied(study, input={"list": [0.5, "a.npy"]}) | {"spec": "bases/base.yaml", "measures": ["output_mean"]}
    work, names = work_of(read_study(write_study(content)))
    assert len(work.files) == 2 and list(names) == ["a.npy"] and work.document["name"] == "no such picture.png"
    found = run_here(content)
    assert found.values[0] == found.values[1]
    group = zarr.open_group(tmp_path / "out" / "results.zarr", mode="r")
    assert bytes(group["vary/input"][1]).rstrip(b"\0") == b"a.npy"


def test_limits_are_quantities_of_their_measures(study, run_here):
    measures = ["state_max", "error_rms", "agreement"]
    limits = {"state_max": {"below": "900mV"}, "error_rms": {"below": "5%"}, "agreement": {"above": 0.5}}
    spec = run_here(study | {"measures": measures, "specification": limits}).study.spec.specification
    assert (spec["state_max"].below, spec["error_rms"].below, spec["agreement"].above) == (0.9, 0.05, 0.5)
    wrong = {"state_max": {"below": "1mA"}}
    told(run_here, study | {"measures": measures, "specification": wrong}, r"specification.state_max.below: got '1mA'")


def test_a_table_that_cannot_be_written_is_the_runs_fault_and_not_the_inputs(study, run_here, tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(store_of, "write_table", full)
        with pytest.raises(SweepError, match="12 of 12 points are in the store.*No space left on device"):
            run_here(study)
    assert run_here(study).tally.done == 0


def test_a_report_that_cannot_be_written_is_told_before_anything_runs(study, run_here, tmp_path):
    (tmp_path / "out" / "report.html").mkdir(parents=True)
    told(run_here, study, "report.html.*this is a folder")
    assert not list((tmp_path / "out" / "parts").iterdir())


def test_values_whose_keys_have_no_order_are_told(write_study, study):
    content = yaml.safe_dump(study).replace("chips:\n    count: 12", "cell: {list: [{1: 2, a: 3}]}")
    with pytest.raises(InputError, match=r"vary.cell.list\[0\].*keys are text"):
        read_study(write_study(content))
    assert json.dumps(study)
