"""What a worker does with points."""

import time
from concurrent.futures import ThreadPoolExecutor

from cellnn.sweep import tasks
from cellnn.sweep.study import read_study
from cellnn.sweep.work import work_of


def test_threads_of_one_process_take_turns(study, write_study, monkeypatch):
    """What is kept of one point must not be taken for another's."""
    inside, most = [], []

    class Runner:
        def run(self, points):
            inside.append(1)
            most.append(len(inside))
            time.sleep(0.02)
            inside.pop()
            return [[0.0, 0.0] for _ in points]

    work, _ = work_of(read_study(write_study(study)))
    monkeypatch.setattr(tasks, "_PREPARED", tasks._Prepared())
    monkeypatch.setattr(tasks, "_runner", lambda work: Runner())
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda k: tasks.run_points(work, [{"seed.mismatch": k}], 1), range(6)))
    assert most == [1] * 6
