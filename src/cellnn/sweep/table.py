"""The table of results as a Zarr group, the same bytes for the same results.

Along `point`: `key` (32 bytes), one float64 array for each measure, `failure` (UTF-8 text, filled with zeros), and
along the study's points alone what was varied, as `vary/PLACE`. SHA256SUMS, as sha256sum writes it, has every file of
the group: Zarr reads a chunk that is not there as its fill value, and only who knows that it must be there can tell.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..devices.errors import InputError

FORMAT = "cellnn-sweep-1"
CHUNK = 16_384
"""Rows of a chunk."""
SUMS = "SHA256SUMS"
TOLD = 160
"""Bytes of a failure's text, and of a value that is text."""
_LINE = re.compile(r"[0-9a-f]{64}  .+")


@dataclass(frozen=True, eq=False)
class Table:
    """keys (rows, 32); values (rows, measures); the first `points` rows are the study's."""

    keys: NDArray[np.uint8]
    values: NDArray[np.float64]
    failures: Sequence[str]
    points: int
    measures: tuple[str, ...]
    coordinates: Mapping[str, NDArray[Any]]
    attributes: Mapping[str, Any]


def write_table(path: Path, table: Table) -> None:
    """Write the group anew. Raises OSError."""
    import zarr
    from zarr.codecs import BytesCodec, Crc32cCodec, ZstdCodec

    shutil.rmtree(path, ignore_errors=True)
    about = {"format": FORMAT, "measures": list(table.measures), "points": table.points, **table.attributes}
    group = zarr.open_group(path, mode="w", zarr_format=3, attributes=about)

    def put(name: str, data: NDArray[Any], dims: Sequence[str]) -> None:
        chunks = (min(CHUNK, max(1, len(data))), *data.shape[1:])
        # zstd, as gzip would write the time into every chunk
        array = group.create_array(
            name, shape=data.shape, chunks=chunks, dtype=data.dtype, dimension_names=dims, fill_value=0,
            serializer=BytesCodec() if data.dtype.itemsize == 1 else BytesCodec(endian="little"),
            compressors=[ZstdCodec(level=3), Crc32cCodec()], config={"write_empty_chunks": True},
        )  # fmt: skip
        array[...] = data

    put("key", table.keys, ("point", "byte"))
    for k, name in enumerate(table.measures):
        put(name, np.ascontiguousarray(table.values[:, k]), ("point",))
    put("failure", _texts(table.failures), ("point", "character"))
    for name, values in table.coordinates.items():
        put(f"vary/{name}", values, ("studied", *(f"d{k}" for k in range(1, values.ndim))))
    (path / SUMS).write_text("".join(f"{_sum(file)}  {name}\n" for name, file in _files(path).items()))


def read_table(path: Path, measures: Sequence[str]) -> tuple[list[tuple[bytes, NDArray[np.float64], str]], list[str]]:
    """The rows that are sound, as key, measures and failure, and what is to be told of the others.

    A row is sound where each file that holds some of it has the bytes that were written. Raises InputError for what is
    no table of ours, or one of other measures: it is not ours to replace.
    """
    import zarr

    written, about = _sums_of(path / SUMS), _attributes(path)
    if path.is_dir() and not any(path.iterdir()):
        return [], ["it is empty"]
    if about.get("format") != FORMAT and "zarr.json" not in written:
        raise InputError("", str(path), "a table of results", "another thing has this name")
    if isinstance(about.get("measures"), list):
        require_measures(about["measures"], measures)
    there = {name for name, path in _files(path).items() if written.get(name) != _sum(path)}
    wrong = there | {name for name in written if not (path / name).is_file()}
    damage = _damage(sorted(wrong) if written else [SUMS])
    columns = ("key", *measures, "failure")
    if not written or wrong & {"zarr.json", *(f"{name}/zarr.json" for name in columns)}:
        return [], damage
    group = zarr.open_group(path, mode="r", zarr_format=3)
    rows: list[tuple[bytes, NDArray[np.float64], str]] = []
    arrays: list[Any] = [group[name] for name in columns]
    count, size = arrays[0].shape[0], arrays[0].chunks[0]
    for number, start in enumerate(range(0, count, size)):
        held = {f"{name}/c/{number}" + "/0" * (array.ndim - 1) for name, array in zip(columns, arrays, strict=True)}
        if held & wrong or not held <= written.keys():
            continue
        keys, *values, failures = [array[start : start + size] for array in arrays]
        stacked = np.stack(values, axis=1) if values else np.empty((len(keys), 0))
        texts = [bytes(row).rstrip(b"\0").decode(errors="replace") for row in failures]
        rows += [(key.tobytes(), row, text) for key, row, text in zip(keys, stacked, texts, strict=True)]
    return rows, damage


def _damage(names: Sequence[str]) -> list[str]:
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return [f"{', '.join(names[:3])}{more}: not as it was written"] if names else []


def require_measures(found: Sequence[str], measures: Sequence[str]) -> None:
    """InputError where results that were found are of other measures than a study's."""
    if tuple(found) != tuple(measures):
        told = f"those of the results in this folder: {', '.join(map(str, found))}"
        raise InputError("measures", list(measures), told, "or another -o")


def _files(path: Path) -> dict[str, Path]:
    """All files of a group but its sums, by name."""
    found = {str(file.relative_to(path)): file for file in path.rglob("*") if not file.is_dir()}
    return {name: found[name] for name in sorted(found) if name != SUMS}


def _sum(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""


def _sums_of(path: Path) -> dict[str, str]:
    """The sums by name; nothing where there are none. A line that is damaged is none."""
    try:
        lines = path.read_bytes().decode(errors="replace").splitlines()
    except OSError:
        return {}
    return {line[66:]: line[:64] for line in lines if _LINE.fullmatch(line)}


def _attributes(path: Path) -> dict[str, Any]:
    """What the group says of itself, as far as it can be read."""
    try:
        found = json.loads((path / "zarr.json").read_bytes())["attributes"]
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    return found if isinstance(found, dict) else {}


def shortened(text: str) -> str:
    """As much of a text as the table holds."""
    return text.encode()[:TOLD].decode(errors="ignore")


def _texts(texts: Sequence[str]) -> NDArray[np.uint8]:
    found = np.zeros((len(texts), TOLD), np.uint8)
    for row, text in zip(found, texts, strict=True):
        if text:
            data = shortened(text).encode()
            row[: len(data)] = np.frombuffer(data, np.uint8)
    return found


def coordinate(values: Sequence[Any]) -> NDArray[Any]:
    """What was varied, as a column: numbers as they are, anything else as text or JSON.

    Of what is too long for the table, its beginning and 16 digits of its SHA-256: other values look different.
    """
    if all(isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**63 for value in values):
        return np.array(values, np.int64)
    if all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in values):
        return np.array(values, np.float64)
    texts = [value if isinstance(value, str) else json.dumps(value, sort_keys=True) for value in values]
    return _texts([text if text == shortened(text) else _with_hash(text) for text in texts])


def _with_hash(text: str) -> str:
    mark = f".. sha256:{hashlib.sha256(text.encode()).hexdigest()[:16]}"
    return text.encode()[: TOLD - len(mark)].decode(errors="ignore") + mark
