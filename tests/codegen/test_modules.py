"""Generated modules are whole when they are handed out."""

import threading

from cellnn.devices.codegen.modules import load_module


def test_threads_that_ask_at_once_get_a_module_that_is_imported_to_its_end():
    source = '"""Slow to import."""\nimport time\n\ntime.sleep(0.3)\nanswer = 42\n'
    start, seen = threading.Barrier(4), []

    def ask() -> None:
        start.wait()
        seen.append(getattr(load_module(source), "answer", None))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [42] * 4
