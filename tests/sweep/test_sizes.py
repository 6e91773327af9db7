"""Sizes of tasks: on a simulated pool of workers."""

import heapq

import pytest

from cellnn.sweep.sizes import FIRST, Sizes


def simulated(points, workers, each, overhead=0.02, target=4.0):
    """Seconds until all is done, tasks, and seconds spent between tasks, where every task costs `overhead` more."""
    sizes, left, now, tasks = Sizes(8, target), points, 0.0, 0
    pool = [(0.0, k, 0) for k in range(workers)]
    while left:
        now, k, done = heapq.heappop(pool)
        if done:
            sizes.took(done, done * each)
        size = sizes.next(left, workers)
        left, tasks = left - size, tasks + 1
        heapq.heappush(pool, (now + size * each + overhead, k, size))
    return max(end for end, _, _ in pool), tasks


@pytest.mark.parametrize("each", [1e-4, 0.01, 0.1])
def test_handing_tasks_over_costs_little_and_workers_end_together(each):
    points, workers = int(200 / each), 2
    end, tasks = simulated(points, workers, each)
    assert tasks * 0.02 < 0.05 * workers * end
    assert end < 1.05 * points * each / workers + 1.0


def test_the_first_tasks_are_small_and_long_points_go_one_by_one():
    sizes = Sizes(64)
    assert sizes.next(1000, 2) == FIRST and sizes.next(2, 2) == 2
    sizes.took(4, 400.0)
    assert sizes.seconds == 100.0 and sizes.next(1000, 2) == 1
