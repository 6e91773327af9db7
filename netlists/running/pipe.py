"""Messages over a pair of pipes: a JSON object on one line, then as many plain bytes as its key `bytes` says."""

from __future__ import annotations

import json
import os
import select
import time
from typing import Any

_LONGEST_HEADER = 1 << 26


class Pipe:
    """One end. A deadline is a `time.monotonic()`, None for ever; it holds for descriptors that do not block.

    Raises EOFError when the other end is gone, TimeoutError after the deadline, ValueError for what is no message.
    """

    def __init__(self, incoming: int, outgoing: int) -> None:
        self.incoming, self.outgoing = incoming, outgoing
        self._ahead = bytearray()

    def send(self, header: dict[str, Any], payload: bytes | memoryview = b"", deadline: float | None = None) -> None:
        """Send a message."""
        line = json.dumps({**header, "bytes": len(payload)}).encode() + b"\n"
        for part in (memoryview(line), memoryview(payload)):
            while part:
                try:
                    part = part[os.write(self.outgoing, part[: 1 << 20]) :]
                except BlockingIOError:
                    _ready(self.outgoing, select.POLLOUT, deadline)
                except BrokenPipeError:
                    raise EOFError("the other end is gone") from None

    def receive(self, deadline: float | None = None) -> tuple[dict[str, Any], bytearray]:
        """Wait for a message: its header and its bytes."""
        while (end := self._ahead.find(b"\n")) < 0:
            if len(self._ahead) > _LONGEST_HEADER:
                raise ValueError("a header without an end")
            self._ahead += self._read(1 << 16, deadline)
        header = json.loads(self._ahead[:end])
        del self._ahead[: end + 1]
        if not isinstance(header, dict) or not isinstance(header.get("bytes"), int):
            raise ValueError("a header that says no length")
        payload = bytearray(header["bytes"])
        filled = min(len(payload), len(self._ahead))
        payload[:filled] = self._ahead[:filled]
        del self._ahead[:filled]
        with memoryview(payload) as view:
            while filled < len(view):
                chunk = self._read(min(1 << 20, len(view) - filled), deadline)
                view[filled : filled + len(chunk)] = chunk
                filled += len(chunk)
        return header, payload

    def close(self) -> None:
        """Close both descriptors."""
        os.close(self.incoming)
        os.close(self.outgoing)

    def _read(self, most: int, deadline: float | None) -> bytes:
        while True:
            try:
                chunk = os.read(self.incoming, most)
            except BlockingIOError:
                _ready(self.incoming, select.POLLIN, deadline)
                continue
            if not chunk:
                raise EOFError("the other end is gone")
            return chunk


def _ready(descriptor: int, event: int, deadline: float | None) -> None:
    poller = select.poll()
    poller.register(descriptor, event)
    remaining = None if deadline is None else max(0.0, deadline - time.monotonic()) * 1000
    if not poller.poll(remaining):
        raise TimeoutError
