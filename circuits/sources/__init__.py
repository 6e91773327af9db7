"""Pictures and arrays that go into an array: data sets, files, numbers, lists."""

from .source import Source, parse_source, read_source

__all__ = ["Source", "parse_source", "read_source"]
