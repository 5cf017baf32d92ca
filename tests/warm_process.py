"""The process that `warm_start.py` starts: it imports a library as `skeleton/main.py` would, and
forks a child that runs `main` for each request. Run by path, as `skeleton/main.py` is.

Standard input is a socket. A message is {"settings": main's own, "folder": path, "environment":
variables} with four files: the child's standard input, output and errors, and the pipe that gets
two lines: the child's process id, and its status as waitpid(2) has it once it is over.
"""

from __future__ import annotations

import gc
import json
import os
import select
import signal
import socket
import sys
from contextlib import suppress
from importlib import util
from typing import Any

MOST = 1 << 20
"""Bytes of a message."""


def load_main(path: str) -> Any:
    """The program of the child, as a module."""
    spec = util.spec_from_file_location("skeleton_main", path)
    assert spec is not None
    assert spec.loader is not None
    module = util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def serve(main: Any, channel: socket.socket) -> None:
    """Fork for each message until the other end is closed."""
    ended, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.set_wakeup_fd(wake)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    pipes: dict[int, int] = {}
    while True:
        ready, _, _ = select.select([channel, ended], [], [])
        if ended in ready:
            os.read(ended, 4096)
            report_ended(pipes)
        if channel in ready:
            text, files, _, _ = socket.recv_fds(channel, MOST, 4)
            if not text:
                return
            process = os.fork()
            if process == 0:
                signal.set_wakeup_fd(-1)
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                for file in (ended, wake, *pipes.values()):
                    os.close(file)
                become_child(main, json.loads(text), files)
            for file in files[:3]:
                os.close(file)
            os.write(files[3], f"{process}\n".encode())
            pipes[process] = files[3]


def report_ended(pipes: dict[int, int]) -> None:
    """Tell the statuses of the children that are over."""
    while pipes:
        process, status = os.waitpid(-1, os.WNOHANG)
        if process == 0:
            return
        pipe = pipes.pop(process)
        with suppress(BrokenPipeError):  # who asked is over
            os.write(pipe, f"{status}\n".encode())
        os.close(pipe)


def become_child(main: Any, request: dict[str, Any], files: list[int]) -> None:
    """Run the child's program to its end with the files as its streams."""
    for number, file in enumerate(files[:3]):
        os.dup2(file, number)
    for file in files:
        os.close(file)
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - open to the end
    os.chdir(request["folder"])
    os.environ.clear()
    os.environ.update(request["environment"])
    sys.argv = [main.__file__, json.dumps(request["settings"])]
    try:
        main.main()
    except BaseException:  # noqa: BLE001 - whatever ends the child is its answer
        sys.excepthook(*sys.exc_info())  # which main has set, as it answers
    os._exit(1)


def start() -> None:
    """Import, then serve."""
    main = load_main(sys.argv[1])
    settings = json.loads(sys.argv[2])
    main._set_import_path(settings["path"])
    os.environ.update(main._ENVIRONMENT)
    with socket.socket(fileno=os.dup(0)) as channel:
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        with suppress(ImportError):  # a library that is not there: each child says so itself
            main._import_builder(settings["library"])
        gc.disable()
        gc.freeze()
        serve(main, channel)


if __name__ == "__main__":
    start()
