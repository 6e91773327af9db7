"""The YAML text itself: broken, tagged, repeated, self-containing, or merely unusual."""

import pytest

import cellnn

GOOD = """
cellnn: 1
grid: {rows: 4, columns: 5}
cell: {circuit: chua-yang}
layers: [{template: EDGE}]
run: {stop: 1us, rtol: 1e-6, save: 3}
"""

BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "\n".join(
    f"{chr(98 + k)}: &{chr(98 + k)} [{', '.join(['*' + chr(97 + k)] * 9)}]" for k in range(12)
)

BAD_TEXTS = {
    "broken": ("cellnn: 1\ngrid: {rows: 4", ["valid YAML", "line"]),
    "tab": ("cellnn:\n\t1", ["valid YAML"]),
    "python tag": ("cellnn: !!python/object/apply:os.system ['touch pwned']", ["tags are not allowed"]),
    "python name": ("cellnn: !!python/name:os.system", ["tags are not allowed"]),
    **{
        f"tag {text}": (f"cellnn: {text}", ["tags are not allowed", "line 1"])
        for text in ("!!bool maybe", "!!timestamp never", "!!float ''", "!!int []", "!!set {a}", "!!str 1", "! 1")
    },
    "own tag": ("cellnn: !circuit 1", ["tags are not allowed"]),
    "a key twice": (GOOD + "run: {stop: 2us}\n", ["'run' stands twice"]),
    "a bomb": (BOMB, ["beyond all measure"]),
    "itself": ("cellnn: &a [*a]", ["beyond all measure"]),
    "deep": ("cellnn: " + "[" * 5000 + "]" * 5000, ["expected"]),
    "two documents": (GOOD + "---\ncellnn: 1\n", ["valid YAML"]),
    "a list": ("- 1\n- 2\n", ["[1, 2]", "a mapping"]),
    "nothing": ("", ["None", "a mapping"]),
    "a number": ("12", ["12", "a mapping"]),
    "a long number": ("cellnn: " + "9" * 5000, ["digits"]),
    "key of another type": ("{1: 2}", ["1", "no such key"]),
    "key a list": ("? [1, 2]\n: 3", ["valid YAML"]),
    "line": (GOOD.replace("rows: 4", "rows: -4"), ["line 3", "grid.rows", "-4"]),
}


@pytest.mark.parametrize("name", BAD_TEXTS)
def test_bad_text_is_refused_with_exit_status_2_and_leaves_nothing(
    name, write_spec, cellnn_command, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    text, fragments = BAD_TEXTS[name]
    path = write_spec(text)
    result = cellnn_command("simulate", path, "-o", tmp_path / "out.nc")
    assert result.status == 2
    assert result.err.startswith("error: ") and result.err.count("\n") == 1
    for fragment in [*fragments, "spec.yaml"]:
        assert fragment in result.err
    assert [file.name for file in tmp_path.iterdir()] == ["spec.yaml"]


def test_bytes_that_are_no_text_are_refused(tmp_path):
    path = tmp_path / "spec.yaml"
    path.write_bytes(b"cellnn: \xff\xfe")
    with pytest.raises(cellnn.InputError, match="UTF-8"):
        cellnn.load(path)


def test_a_missing_spec_is_named(tmp_path):
    with pytest.raises(cellnn.InputError, match=r"nowhere\.yaml"):
        cellnn.load(tmp_path / "nowhere.yaml")
    with pytest.raises(cellnn.InputError):
        cellnn.load(tmp_path)


def test_numbers_read_as_in_yaml_1_2(write_spec):
    circuit = cellnn.load(write_spec(GOOD.replace("rtol: 1e-6", "rtol: 1e-6, atol: 1E-9")))
    assert (circuit.run.rtol, circuit.run.atol) == (1e-6, 1e-9)
    with pytest.raises(cellnn.InputError, match=r"run\.save: got '1:30'"):
        cellnn.load(write_spec(GOOD.replace("save: 3", "save: 1:30")))


def test_a_reused_anchor_is_fine(write_spec):
    text = GOOD.replace("[{template: EDGE}]", "[{name: a, template: &t {A: 1, z: -1}}, {name: b, template: *t}]")
    assert [array.name for array in cellnn.load(write_spec(text)).arrays] == ["a", "b"]
