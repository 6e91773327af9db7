"""The store: nothing written is lost, nothing damaged is believed, and the same results are the same bytes."""

import hashlib
import resource
import subprocess
import sys

import numpy as np
import pytest
import zarr

from cellnn.devices.errors import InputError
from cellnn.sweep import engine, table
from cellnn.sweep.cluster import SweepError
from cellnn.sweep.store import Store
from cellnn.sweep.table import coordinate

from .conftest import tree

KEYS = [hashlib.sha256(bytes([k])).digest() for k in range(6)]
VALUES = np.arange(12.0).reshape(6, 2) + 0.1
MEASURES = ("error_rms", "output_mean")


@pytest.fixture
def notes():
    return []


@pytest.fixture
def opened(tmp_path, notes):
    return lambda measures=MEASURES, name="out": Store(tmp_path / name, measures, notes.append)


def close(store, keys=KEYS):
    store.close(keys, {"seed.mismatch": np.arange(len(keys))}, {"name": "a study"})


def test_results_are_read_back_from_parts_and_from_the_table(opened):
    with opened() as store:
        store.add(KEYS[:2], VALUES[:2], ["", "it failed: \u00e9"])
    with opened() as store:
        assert KEYS[1] in store and KEYS[2] not in store
        store.add(KEYS[2:], VALUES[2:], [""] * 4)
        close(store)
        assert not list((store.folder / "parts").iterdir())
    with opened() as store:
        assert np.array_equal([store[key][0] for key in KEYS], VALUES)
        assert [store[key][1] for key in KEYS] == ["", "it failed: \u00e9", "", "", "", ""]


def test_the_table_is_read_by_zarr_alone(opened, tmp_path):
    with opened() as store:
        store.add(KEYS, VALUES, [""] * 6)
        close(store)
    group = zarr.open_group(tmp_path / "out" / "results.zarr", mode="r")
    assert np.array_equal(group["error_rms"][:], VALUES[:, 0]) and np.array_equal(group["output_mean"][:], VALUES[:, 1])
    assert group["key"][:].tobytes() == b"".join(KEYS) and group.attrs["points"] == 6
    assert group["vary/seed.mismatch"][:].tolist() == list(range(6))


def test_the_bytes_do_not_depend_on_how_results_came_in(opened, tmp_path):
    with opened(name="a") as store:
        store.add(KEYS, VALUES, [""] * 6)
        close(store)
    for k in (3, 5, 0, 1, 4, 2):
        with opened(name="b") as store:
            store.add(KEYS[k : k + 1], VALUES[k : k + 1], [""])
    with opened(name="b") as store:
        close(store)
    assert tree(tmp_path / "a" / "results.zarr") == tree(tmp_path / "b" / "results.zarr")


def test_what_another_study_left_is_kept_behind_the_studys_own(opened):
    with opened() as store:
        store.add(KEYS, VALUES, [""] * 6)
        close(store)
    with opened() as store:
        close(store, KEYS[3:4])
    with opened() as store:
        assert all(key in store for key in KEYS)


def test_a_damaged_part_is_told_and_counts_as_not_there(opened, notes):
    with opened() as store:
        store.add(KEYS[:3], VALUES[:3], [""] * 3)
        store.add(KEYS[3:], VALUES[3:], [""] * 3)
        part = sorted((store.folder / "parts").iterdir())[0]
    data = bytearray(part.read_bytes())
    data[len(data) // 2] ^= 1
    part.write_bytes(bytes(data))
    with opened() as store:
        assert sum(key in store for key in KEYS) == 3
    assert len(notes) == 1 and "damaged" in notes[0] and part.name in notes[0]


def flipped(path):
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0x55
    path.write_bytes(bytes(data))


def emptied(path):
    path.write_bytes(b"")


def lost(path):
    path.unlink()


@pytest.mark.parametrize("how", [flipped, emptied, lost])
@pytest.mark.parametrize(
    "name", ["error_rms/c/0", "key/c/0/0", "failure/c/0/0", "output_mean/zarr.json", "zarr.json", "SHA256SUMS"]
)
def test_a_damaged_table_is_told_and_counts_as_not_there(name, how, opened, notes, tmp_path):
    """Of SHA256SUMS, the line in the middle is damaged, which may be of what was varied: then no row is."""
    with opened() as store:
        store.add(KEYS, VALUES, [""] * 6)
        close(store)
    before = tree(tmp_path / "out" / "results.zarr")
    how(tmp_path / "out" / "results.zarr" / name)
    with opened() as store:
        known = [key for key in KEYS if key in store]
        assert not known or (name == "SHA256SUMS" and np.array_equal([store[key][0] for key in KEYS], VALUES))
        store.add(KEYS, VALUES, [""] * 6)
        close(store)
    assert len(notes) == 1 and "computed again" in notes[0], notes
    assert tree(tmp_path / "out" / "results.zarr") == before


@pytest.mark.parametrize("how", [flipped, emptied, lost])
def test_a_damaged_chunk_costs_its_own_rows_only(how, opened, notes, tmp_path, monkeypatch):
    monkeypatch.setattr(table, "CHUNK", 2)
    with opened() as store:
        store.add(KEYS, VALUES, [""] * 6)
        close(store)
    how(tmp_path / "out" / "results.zarr" / "output_mean" / "c" / "1")
    with opened() as store:
        assert [key in store for key in KEYS] == [True, True, False, False, True, True]
        assert np.array_equal([store[KEYS[k]][0] for k in (0, 1, 4, 5)], VALUES[[0, 1, 4, 5]])
    assert len(notes) == 1 and "output_mean/c/1" in notes[0]


def test_the_sums_are_those_of_sha256sum(opened, tmp_path):
    with opened() as store:
        store.add(KEYS, VALUES, [""] * 6)
        close(store)
    path = tmp_path / "out" / "results.zarr"
    files = {str(file.relative_to(path)) for file in path.rglob("*") if file.is_file()} - {"SHA256SUMS"}
    lines = dict(line.split("  ")[::-1] for line in (path / "SHA256SUMS").read_text().splitlines())
    assert lines == {name: hashlib.sha256((path / name).read_bytes()).hexdigest() for name in files}


def test_parts_of_other_measures_are_neither_taken_nor_removed(opened, tmp_path):
    """As many of them, or fewer: a study that was stopped before its first table."""
    with opened() as store:
        store.add(KEYS, VALUES, [""] * 6)
    before = tree(tmp_path / "out" / "parts")
    for measures in (("energy", "state_max"), ("energy",)):
        with pytest.raises(InputError, match="those of the results in this folder: error_rms, output_mean"):
            opened(measures).__enter__()
    assert tree(tmp_path / "out" / "parts") == before


def test_a_part_that_is_no_file_is_told(opened, tmp_path):
    (tmp_path / "out" / "parts" / "x.npz").mkdir(parents=True)
    with pytest.raises(InputError, match="a readable file of results"):
        opened().__enter__()


def test_a_table_that_cannot_be_written_leaves_the_one_before(opened, tmp_path, monkeypatch):
    with opened() as store:
        store.add(KEYS[:3], VALUES[:3], [""] * 3)
        close(store, KEYS[:3])
    before = tree(tmp_path / "out" / "results.zarr")
    with opened() as store:
        store.add(KEYS[3:], VALUES[3:], [""] * 3)
        limits = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100, limits[1]))
        try:
            with pytest.raises(InputError, match="a table that can be written.*too large"):
                close(store)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        assert len(list((tmp_path / "out" / "parts").iterdir())) == 1
    assert [path.name for path in (tmp_path / "out").glob("results*")] == ["results.zarr"]
    assert tree(tmp_path / "out" / "results.zarr") == before
    with opened() as store:
        assert all(key in store for key in KEYS)


def test_long_texts_that_differ_look_different_in_the_table():
    one, other = coordinate(["x" * 500, "x" * 499 + "y"])
    assert bytes(one).startswith(b"x" * 100) and bytes(one) != bytes(other) and len(one) == 160
    assert bytes(coordinate(["short"])[0]).rstrip(b"\0") == b"short"


def test_a_table_that_was_being_replaced_is_there_afterwards(opened, tmp_path):
    with opened() as store:
        store.add(KEYS, VALUES, [""] * 6)
        close(store)
    folder = tmp_path / "out"
    for left in (".old", ".new"):  # killed before the first, and before the second renaming
        (folder / "results.zarr").rename(folder / f"results.zarr{left}")
        if left == ".new":
            (folder / "results.zarr.old").mkdir()
        with opened() as store:
            assert all(key in store for key in KEYS)
        assert sorted(path.name for path in folder.glob("results*")) == ["results.zarr"]


def test_one_study_at_a_time(opened, tmp_path):
    code = "from pathlib import Path\nfrom cellnn.sweep.store import Store\n"
    code += f"Store(Path({str(tmp_path / 'out')!r}), ('error_rms',), print).__enter__()"
    with opened(), pytest.raises(InputError, match="another study is writing here"):
        opened().__enter__()
    with opened():
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 1 and "another study is writing here" in done.stderr


def test_a_full_disk_stops_a_study_and_loses_nothing(study, run_here, tmp_path, monkeypatch):
    """From the third task on a file may have 300 bytes: none of parts fits."""
    keep, count, limits = engine._keep, [0], resource.getrlimit(resource.RLIMIT_FSIZE)

    def full(*words):
        count[0] += 1
        if count[0] < 3:
            return keep(*words)
        resource.setrlimit(resource.RLIMIT_FSIZE, (300, limits[1]))
        try:
            return keep(*words)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)

    monkeypatch.setattr(engine, "_keep", full)
    with pytest.raises(SweepError, match="of 12 points are in the store, and the same command goes on .*File too larg"):
        run_here(study, target=1e-9)
    kept = {path: path.read_bytes() for path in (tmp_path / "out" / "parts").iterdir()}
    assert len(kept) == 2 and not list((tmp_path / "out").rglob(".cellnn-*"))
    monkeypatch.setattr(engine, "_keep", keep)
    again = run_here(study)
    assert again.tally.known > 0 and again.tally.known + again.tally.done == 12
    run_here(study, out="undisturbed")
    assert tree(tmp_path / "out" / "results.zarr") == tree(tmp_path / "undisturbed" / "results.zarr")


def test_what_is_not_ours_is_not_replaced(opened, tmp_path):
    with opened() as store:
        store.add(KEYS, VALUES, [""] * 6)
        close(store)
    with pytest.raises(InputError, match="those of the results in this folder: error_rms, output_mean"):
        opened(("energy",)).__enter__()
    (tmp_path / "other" / "results.zarr").mkdir(parents=True)
    (tmp_path / "other" / "results.zarr" / "diary.txt").write_text("mine")
    with pytest.raises(InputError, match="another thing has this name"):
        opened(name="other").__enter__()
    (tmp_path / "empty" / "results.zarr").mkdir(parents=True)  # nobody loses anything
    with opened(name="empty") as store:
        store.add(KEYS, VALUES, [""] * 6)
        close(store)
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="a folder that can be written"):
        opened(name="file").__enter__()
