"""One run's builds: a failure is remembered, the time is bounded, processes share the account."""

from __future__ import annotations

import os
import sys

import pytest

from loracheck.trees.build_error import BuildError
from loracheck.trees.model import ModuleTree
from loracheck.trees.sources.builds import KEPT, Builds
from loracheck.trees.sources.bundle import find_tree


def a_tree() -> ModuleTree:
    found = find_tree("openai-community/gpt2")
    assert found is not None
    return found


class Builder:
    """Counts its calls."""

    def __init__(self, error: BuildError | None = None) -> None:
        self.calls, self._error = 0, error

    def __call__(self) -> ModuleTree:
        self.calls += 1
        if self._error is not None:
            raise self._error
        return a_tree()


def nothing() -> None:
    return None


def test_a_failure_is_remembered_with_its_reason() -> None:
    builds, builder = Builds(), Builder(BuildError("invalid-config", "no such thing"))
    for _ in range(5):
        with pytest.raises(BuildError) as caught:
            builds.tree("key", builder, nothing)
        assert (caught.value.kind, caught.value.reason) == ("invalid-config", "no such thing")
    assert builder.calls == 1
    assert builds.tree("another", Builder(), nothing) == a_tree()


def test_a_tree_is_built_once_where_no_cache_can_be_written() -> None:
    builds, builder = Builds(), Builder()
    trees = [builds.tree("key", builder, nothing) for _ in range(3)]
    assert builder.calls == 1 and all(tree is trees[0] for tree in trees)
    for number in range(3 * KEPT):
        builds.tree(f"other {number}", Builder(), nothing)
    builds.tree("key", builder, nothing)
    assert builder.calls == 2, "so many are kept, and no more"


def test_the_time_of_all_builds_is_bounded() -> None:
    builds = Builds(seconds=0)
    with pytest.raises(BuildError) as caught:
        builds.tree("key", Builder(), nothing)
    assert caught.value.kind == "out-of-time"


def test_time_is_what_child_processes_took() -> None:
    if not hasattr(os, "fork"):
        pytest.skip("no fork")
    builds = Builds(seconds=0.2)

    def burn() -> ModuleTree:
        pid = os.fork()
        if pid == 0:
            while sum(os.times()[:2]) < 0.3:
                pass
            os._exit(0)
        os.waitpid(pid, 0)
        return a_tree()

    builds.tree("first", burn, nothing)
    with pytest.raises(BuildError):
        builds.tree("second", burn, nothing)


@pytest.mark.skipif(sys.platform == "win32", reason="no fork")
def test_forked_processes_share_the_account() -> None:
    builds = Builds()
    builds.share()
    read, write = os.pipe()

    def count() -> ModuleTree:
        os.write(write, b"x")
        raise BuildError("crash", "went wrong")

    pids = []
    for _ in range(4):
        pid = os.fork()
        if pid == 0:
            try:
                builds.tree("key", count, nothing)
            except BuildError as error:
                os._exit(error.reason != "went wrong")
            os._exit(1)
        pids.append(pid)
    assert [os.waitpid(pid, 0)[1] for pid in pids] == [0] * 4
    os.close(write)
    assert os.read(read, 100) == b"x"
    os.close(read)


@pytest.mark.skipif(sys.platform == "win32", reason="no fork")
def test_a_tree_that_another_process_has_built_is_loaded() -> None:
    builds, builder = Builds(), Builder()
    builds.share()
    assert builds.tree("key", builder, a_tree) == a_tree()
    assert builder.calls == 0
