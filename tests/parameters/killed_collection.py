"""Collects in one go, and in child processes that are killed with SIGKILL, each going on with what the last one left.

python -m tests.parameters.killed_collection CONFIG WHOLE PARTS MOMENT...

A moment is `save:N:WHERE`, as of `tests.training.killed_runs`. All is computed by this process and copies of it: what a
process did before - other tests, say - has no part in the bits that are compared.
"""

import os
import sys
from pathlib import Path

import torch

from cellnn.diffusion.parameters.collect import collect, read_collect_config
from cellnn.diffusion.parameters.collect.begun import partial_of

from ..training.killed_runs import prepare


def main():
    config, whole, parts, *moments = sys.argv[1:]
    torch.set_num_threads(1)  # so that no threads are there that a fork would lose
    collect(read_collect_config(config), Path(whole))
    for moment in (*moments, ""):
        child = os.fork()
        if child == 0:
            prepare(moment)
            collect(read_collect_config(config), Path(parts), go_on=partial_of(Path(parts)).exists())
            os._exit(0)
        _, status = os.waitpid(child, 0)
        print(moment, os.WTERMSIG(status) if os.WIFSIGNALED(status) else "ended", flush=True)


if __name__ == "__main__":
    main()
