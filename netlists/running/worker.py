"""The process that holds ngspice's shared library: `python -m cellnn.netlists.running.worker PARENT`.

It reads decks from its standard input and answers on its standard output (`pipe.Pipe`). A crash of ngspice ends this
process and no other.
"""

from __future__ import annotations

import os
import sys
import threading
import time

import numpy as np

from .pipe import Pipe


def main() -> None:
    """Serve until the other end closes the pipe, the parent dies, or ngspice is beyond use."""
    pipe = _private_pipe()
    threading.Thread(target=_end_with, args=(int(sys.argv[1]),), daemon=True).start()
    try:
        from .library import open_library

        ngspice, path = open_library()
    except (ImportError, OSError) as error:
        pipe.send({"missing": getattr(error, "name", None) or "", "trouble": str(error)})
        return
    banner = ngspice.exec_command("version -f")
    pipe.send({"path": path, "banner": banner})
    while not ngspice.gave_up:
        try:
            _, deck = pipe.receive()
        except EOFError:
            break
        reply, values = ngspice.transient(deck.decode("utf-8"))
        pipe.send({**reply, "shape": values.shape}, values.reshape(-1).view(np.uint8).data)
        del deck, reply, values
    os._exit(0)  # unloading ngspice has nothing left to do but crash


def _private_pipe() -> Pipe:
    """The pipes on descriptors of their own: what ngspice prints goes to standard error, what it reads is empty."""
    pipe = Pipe(os.dup(0), os.dup(1))
    empty = os.open(os.devnull, os.O_RDONLY)
    os.dup2(empty, 0)
    os.dup2(2, 1)
    return pipe


def _end_with(parent: int) -> None:
    """A parent that was killed cannot close its workers, and one in mid-run does not see the pipe close."""
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)


if __name__ == "__main__":
    main()
