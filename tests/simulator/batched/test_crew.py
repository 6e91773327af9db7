"""Threads that share work."""

import threading

import pytest

from cellnn.simulator.batched.crew import Crew


@pytest.mark.parametrize("threads", [1, 2, 3])
@pytest.mark.parametrize("count", [0, 1, 2, 7])
def test_every_piece_is_done_once_and_by_its_own_thread(threads, count):
    with Crew(threads) as crew:
        for _ in range(50):
            done, workers = [], set()

            def work(part, first, last, done=done, workers=workers):
                done.extend(range(first, last))
                workers.add((part, threading.get_ident()))

            crew.share(work, count)
            assert sorted(done) == list(range(count))
            assert len({part for part, _ in workers}) == len(workers) == max(1, min(threads, count))


@pytest.mark.parametrize("broken", [0, 1])
def test_an_error_in_any_thread_reaches_the_caller_and_leaves_the_crew_fit(broken):
    def fail(part, first, last):
        if part == broken:
            raise ZeroDivisionError(str(part))

    with Crew(2) as crew:
        for _ in range(3):
            with pytest.raises(ZeroDivisionError, match=str(broken)):
                crew.share(fail, 4)
        crew.share(lambda part, first, last: None, 4)


def of_crews():
    return [thread for thread in threading.enumerate() if thread.name.startswith("cellnn-")]


def test_threads_end_with_the_crew():
    with Crew(3):
        mine = of_crews()[-2:]
        assert all(thread.is_alive() for thread in mine)
    for thread in mine:
        thread.join(5)
        assert not thread.is_alive()
