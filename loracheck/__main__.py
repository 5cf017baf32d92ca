"""`loracheck` and `python -m loracheck`. No import but these stands above `main`: see there."""

import atexit
import gc
import os
import sys

from loracheck.import_path import without_working_directory
from loracheck.module_archive import install_archive

ALLOCATIONS = 150_000
"""Objects between two runs of the garbage collector. Python's own 700 have it look through all
imported modules dozens of times in a run that leaves next to no garbage; a short run has none.
"""


def main() -> None:
    """Run the command line, once nothing can be imported from the working directory any more."""
    sys.path[:] = without_working_directory(sys.path)
    gc.set_threshold(ALLOCATIONS)
    _open_closed_streams()
    archive = install_archive()
    try:
        _call(sys.argv[1:])
    except SystemExit as end:
        if changes := archive.find_changes():
            from loracheck.module_archive_writer import write_archive

            write_archive(archive, *changes)
        _leave_at_once(end.code)
        raise


def _call(words: list[str]) -> None:
    """Run the command of a command line, and exit."""
    if words[:1] == ["check"]:
        from loracheck.cli.quick_check import try_quick_check

        try_quick_check(words)
    if words[:1] == ["explain"]:
        from loracheck.cli.quick_explain import try_quick_explain

        try_quick_explain(words)
    if words[:1] in (["--help"], ["-h"]):
        from loracheck.cli.quick_help import try_quick_help

        try_quick_help(words)
    from loracheck.cli import cli

    cli(prog_name="loracheck")


def _leave_at_once(status: object) -> None:
    """End the process without taking its modules apart, which costs as much as a tenth of a run.
    Does nothing where that could lose something: a message for a status, another thread, whoever
    watches the run (a debugger, a profiler, coverage), an output that cannot be written.
    """
    threading = sys.modules.get("threading")
    if threading is not None and threading.active_count() > 1:
        return
    if not isinstance(status, int | None) or sys.gettrace() or sys.getprofile():
        return
    atexit._run_exitfuncs()
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except (OSError, ValueError):  # a closed pipe or stream, which Python itself says on its way
        if not status:
            return  # and what was told with another status was told
    os._exit((status or 0) & 0xFF)


def _open_closed_streams() -> None:
    """Give standard input, output and error that the caller has closed (`<&-`, `>&-`) a file.
    Without one the next file that is opened would take the number, and be written to as output.
    """
    while (number := os.open(os.devnull, os.O_RDWR)) < 3:
        os.set_inheritable(number, True)
    os.close(number)
    if sys.stdin is None:
        sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - kept open
    if sys.stdout is None:
        sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115 - kept open
    if sys.stderr is None:
        sys.stderr = open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115 - kept open


if __name__ == "__main__":
    main()
