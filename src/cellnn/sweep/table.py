"""The table of results as a Zarr group, the same bytes for the same results.

Along `point`: `key` (32 bytes), one float64 array for each measure, `failure` (UTF-8 text, filled with zeros), and
along the study's points alone what was varied, as `vary/PLACE`. Every chunk has a checksum of its own (CRC-32C), and
SHA256SUMS has those of the descriptions.
"""

from __future__ import annotations

import hashlib
import json
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
"""Bytes of a failure's text."""


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
    (path / SUMS).write_text(_sums(path))


def read_table(path: Path, measures: Sequence[str]) -> tuple[list[tuple[bytes, NDArray[np.float64], str]], list[str]]:
    """The rows that are sound, as key, measures and failure, and what is to be told of the others.

    Raises InputError for what is no table of ours, or one of other measures: it is not ours to replace.
    """
    import zarr

    if not (path / SUMS).is_file() or not (path / "key").is_dir():
        raise InputError("", str(path), "a table of results", "another thing has this name")
    if (path / SUMS).read_bytes() != _sums(path).encode():
        return [], ["its description is damaged"]
    group = zarr.open_group(path, mode="r", zarr_format=3)
    about = dict(group.attrs)
    if about.get("format") != FORMAT:
        raise InputError("", str(path), "a table of results", "another thing has this name")
    if tuple(about["measures"]) != tuple(measures):  # type: ignore[arg-type]
        told = ", ".join(map(str, about["measures"]))  # type: ignore[arg-type]
        raise InputError("measures", list(measures), f"those of the results in this folder: {told}", "or another -o")
    rows: list[tuple[bytes, NDArray[np.float64], str]] = []
    damage: list[str] = []
    arrays: list[Any] = [group[name] for name in ("key", *measures, "failure")]
    count, size = arrays[0].shape[0], arrays[0].chunks[0]
    for start in range(0, count, size):
        try:
            keys, *values, failures = [array[start : start + size] for array in arrays]
        except Exception:  # noqa: BLE001  (whatever codecs think of damaged bytes)
            damage.append(f"rows {start} to {min(start + size, count) - 1} are damaged")
            continue
        stacked = np.stack(values, axis=1) if values else np.empty((len(keys), 0))
        texts = [bytes(row).rstrip(b"\0").decode(errors="replace") for row in failures]
        rows += [(key.tobytes(), row, text) for key, row, text in zip(keys, stacked, texts, strict=True)]
    return rows, damage


def _sums(path: Path) -> str:
    """As sha256sum writes them, of the descriptions of group and arrays."""
    names = sorted(str(found.relative_to(path)) for found in path.rglob("zarr.json"))
    return "".join(f"{hashlib.sha256((path / name).read_bytes()).hexdigest()}  {name}\n" for name in names)


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
    """What was varied, as a column: numbers as they are, anything else as its place in the list is told by JSON."""
    if all(isinstance(value, int) and not isinstance(value, bool) for value in values):
        return np.array(values, np.int64)
    if all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in values):
        return np.array(values, np.float64)
    return _texts([value if isinstance(value, str) else json.dumps(value, sort_keys=True) for value in values])
