"""Files spread over processes, where there are enough of them to pay for the processes."""

from __future__ import annotations

import os
import sys
from collections import deque
from itertools import chain, islice

from loracheck.results import FileResult
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from multiprocessing.pool import IMapIterator
    from typing import Any, TypeVar

    from loracheck.options.find_files import InputFile
    from loracheck.pipeline.cached_check import CachedCheck, New

    Check = Callable[[InputFile], FileResult]

    Item = TypeVar("Item")
    Outcome = TypeVar("Outcome")


FILES_PER_PROCESS = 200
"""Files from which a second process pays: starting it costs about what 60 files do
(`python -m bench.many`).
"""

CHUNK = 32
"""Files that a process takes at a time: few enough that none waits long for the last one."""


LONGEST_WAIT = 0.5
"""Seconds after which a wait for another process begins anew."""


def count_processes(jobs: int | None, files: int) -> int:
    """How many processes to use: `jobs`, or as many as there are cores and work for."""
    if not sys.platform.startswith("linux"):
        return 1  # no fork, or none that is safe; a fresh interpreter costs more than it brings
    if jobs is not None:
        return max(1, min(jobs, files))
    return max(1, min(len(os.sched_getaffinity(0)), 1 + files // FILES_PER_PROCESS))


def _compute_file_limit(jobs: int | None) -> int:
    """How many files `count_processes` has to know of."""
    return jobs if jobs is not None else FILES_PER_PROCESS * (os.cpu_count() or 1)


def check_all(
    check: Check,
    files: Iterable[InputFile],
    jobs: int | None,
    before_fork: Callable[[], None],
    cache: CachedCheck | None = None,
) -> Iterator[FileResult]:
    """`check` of every file, in the files' order, in `jobs` processes (None: as many as pay).

    `before_fork` is called once before there is a second process. What `check` adds to `cache`
    there is added here.
    """
    files = iter(files)
    first = list(
        islice(files, _compute_file_limit(jobs))
    )  # more would change nothing of the number
    known = cache.open_for(first) if cache is not None and jobs is None else 0
    number = count_processes(jobs, len(first) - known)
    files = chain(first, files)
    if number == 1:
        yield from map(check, files)
        return
    before_fork()
    global _check, _cached
    _check, _cached = check, cache
    pending: deque[list[InputFile]] = deque()
    for results, new in map_in_processes(_call_all, _split_into_chunks(files, pending), number):
        if cache is not None and new is not None:
            cache.put_new(new)
        for file, result in zip(pending.popleft(), results, strict=True):
            yield (
                result if result is not None else FileResult(file.display_path, (), file=file.path)
            )


def map_in_processes(
    function: Callable[[Item], Outcome], items: Iterable[Item], number: int
) -> Iterator[Outcome]:
    """`function` of each item, in their order, in that many processes."""
    if number == 1:
        yield from map(function, items)
        return
    import gc
    from multiprocessing import get_context
    from signal import SIG_BLOCK, SIG_SETMASK, SIGINT, pthread_sigmask

    global _function
    _function = function  # what a fork inherits need not be pickled
    # Ctrl-C reaches all processes, and is the parent's alone: the others inherit the mask. It must
    # not fall between the first and the last fork either, where nobody could end those that are.
    mask = pthread_sigmask(SIG_BLOCK, {SIGINT})
    gc.freeze()  # what is there already is no garbage: no process need look through it again
    pool = get_context("fork").Pool(number)
    with pool:
        pthread_sigmask(SIG_SETMASK, mask)
        yield from _iterate_results(pool.imap(_apply, items))


def _iterate_results(results: IMapIterator[Outcome]) -> Iterator[Outcome]:
    """The results in their order. No wait is longer than LONGEST_WAIT: a Ctrl-C that arrives in
    the moment before a wait for another process begins is seen only when that wait ends.
    """
    from multiprocessing import TimeoutError

    while True:
        try:
            result = results.next(LONGEST_WAIT)
        except TimeoutError:
            continue
        except StopIteration:
            return
        yield result


_function: Callable[[Any], Any] | None = None
"""The function that the forked processes apply."""


def _apply(item: Any) -> Any:
    if _function is None:
        raise RuntimeError("called outside of a process that `map_in_processes` has forked")
    return _function(item)


def _split_into_chunks(
    files: Iterator[InputFile], pending: deque[list[InputFile]]
) -> Iterator[list[InputFile]]:
    """The files by CHUNK; each chunk is also put behind the others in `pending`."""
    while chunk := list(islice(files, CHUNK)):
        pending.append(chunk)
        yield chunk


_check: Check | None = None
"""The function that the forked processes call."""


_cached: CachedCheck | None = None
"""What keeps results, in the forked processes."""


def _call_all(files: list[InputFile]) -> tuple[list[FileResult | None], New | None]:
    """The results of a chunk; None for a file of which nothing is to be told but its name, which
    the other side knows. With them what is to be kept of them.
    """
    results = [None if _is_empty(result) else result for result in map(_call, files)]
    return results, _cached.take_new() if _cached is not None else None


def _is_empty(result: FileResult) -> bool:
    contents = result.findings or result.settings or result.unreadable or result.failures
    return not contents


def _call(file: InputFile) -> FileResult:
    if _check is None:
        raise RuntimeError("called outside of a process that `check_all` has forked")
    return _check(file)
