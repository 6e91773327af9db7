"""Trains in child processes that are killed with SIGKILL, one after the other; each goes on with the run.

python -m tests.training.killed_runs CONFIG RUN MOMENT...

A moment is `save:N:WHERE` - at the N-th file of tensors, WHERE one of `half` (half of its bytes are written), `renamed`
(all of them, under a temporary name) - or `log:N` (half of the N-th line is written), `config`, `about` (the run's
config, or model.json, is not yet in place), or `after:SECONDS`. Prints the signal that ended each child.
"""

import os
import signal
import sys
import time
from pathlib import Path

import torch

from cellnn.diffusion.training import loop, model, read_config, run_folder, start, tensor_files, train


def die():
    os.kill(os.getpid(), signal.SIGKILL)


def at_save(number, where):
    save, calls = tensor_files.save_file, iter(range(1, 10**6))

    def write(tensors, path, metadata):
        save(tensors, path, metadata)
        if next(calls) == number:
            if where == "half":
                os.truncate(path, Path(path).stat().st_size // 2)
            die()

    tensor_files.save_file = write


def at_line(number):
    add, calls = loop.Log.add, iter(range(1, 10**6))

    def write(log, row):
        add(log, row)
        if next(calls) == number:
            os.truncate(log.path, log.path.stat().st_size - 9)
            die()

    loop.Log.add = write


def at_rename(module):
    replacing = module.replacing

    class Dying:
        def __init__(self, path):
            self.inner = replacing(path)

        def __enter__(self):
            return self.inner.__enter__()

        def __exit__(self, *error):
            die()

    module.replacing = Dying


def prepare(moment):
    kind, *words = moment.split(":")
    if kind == "save":
        at_save(int(words[0]), words[1])
    elif kind == "log":
        at_line(int(words[0]))
    elif kind in ("config", "about"):
        at_rename({"config": run_folder, "about": model}[kind])


def main():
    source, folder, *moments = sys.argv[1:]
    torch.set_num_threads(1)  # so that no threads are there that a fork would lose
    settings = read_config(source)
    start.load_data(settings), start.make_trainee(settings.config, torch.device("cpu"))  # imports what children need
    for moment in moments:
        child = os.fork()
        if child == 0:
            prepare(moment)
            train(read_config(source), folder, go_on=Path(folder, "config.yaml").exists())
            os._exit(0)
        if moment.startswith("after:"):
            time.sleep(float(moment.partition(":")[2]))
            os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        print(moment, os.WTERMSIG(status) if os.WIFSIGNALED(status) else "ended", flush=True)


if __name__ == "__main__":
    main()
