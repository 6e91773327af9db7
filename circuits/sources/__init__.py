"""Pictures and arrays that go into an array: data sets, files, numbers, lists."""

from .source import Source, batch_size, parse_source, read_source

__all__ = ["Source", "batch_size", "parse_source", "read_source"]
