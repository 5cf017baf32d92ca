"""The interpreter whose packages judge and build: its program, its import path, and the
environment of a process that is started with it.
"""

from __future__ import annotations

import os
import sys
from functools import lru_cache

from loracheck.import_path import list_trusted_entries
from loracheck.named_tuple import NamedTuple

KEPT = (
    "LD_LIBRARY_PATH",
    "DYLD_LIBRARY_PATH",
    "DYLD_FALLBACK_LIBRARY_PATH",
    "SYSTEMROOT",
    "WINDIR",
)
"""Variables without which some interpreters cannot load their own libraries."""

_PROBE = "import sys, json; print(json.dumps([sys.executable, sys.path]))"
_SECONDS = 30


class InterpreterError(Exception):
    """The interpreter cannot be used; the message says which and why."""


class Interpreter(NamedTuple):
    """A Python and the folders that it imports from."""

    program: str
    path: tuple[str, ...]


def find_interpreter(python: str | None) -> Interpreter:
    """This interpreter, or the one that `python` starts: a path, or a name that is looked up on the
    PATH. Raises InterpreterError where it cannot be started or is no Python.
    """
    if python is None:
        return Interpreter(
            sys.executable, (*list_trusted_entries(sys.path), *_list_editable_folders())
        )
    return _query_interpreter(_find_program(python))


def build_environment(**more: str) -> dict[str, str]:
    """The environment of another process: no secret, no proxy, nothing but what it needs."""
    variables = {name: os.environ[name] for name in KEPT if name in os.environ}
    if sys.platform == "win32":  # where the libraries are found by
        variables["PATH"] = os.environ.get("PATH", "")
    return {**variables, **more}


def _list_editable_folders() -> tuple[str, ...]:
    """The folders of the libraries that build trees, where an import hook of an editable install
    finds them.
    """
    if not any(_is_editable(finder) for finder in sys.meta_path):
        return ()
    from importlib.util import find_spec

    specs = [find_spec(name) for name in ("transformers", "diffusers")]
    folders = [each for spec in specs if spec for each in spec.submodule_search_locations or ()]
    editable = dict.fromkeys(os.path.dirname(each) for each in folders)
    return tuple(list_trusted_entries(editable))


def _is_editable(finder: object) -> bool:
    """setuptools names the modules of its hooks so."""
    return getattr(finder, "__module__", "").startswith("__editable__")


def _find_program(python: str) -> str:
    """The program as an absolute path, since it is started in another folder. A bare name is never
    one in the working directory.
    """
    if os.path.dirname(python):
        return os.path.abspath(os.path.expanduser(python))
    from shutil import which

    program = which(python)
    if program is None or os.path.dirname(os.path.abspath(program)) == os.getcwd():
        raise InterpreterError(f"the interpreter {python} could not be started: not on the PATH")
    return os.path.abspath(program)


@lru_cache(maxsize=8)
def _query_interpreter(program: str) -> Interpreter:
    """What an interpreter says of itself, started in an empty folder without the linted
    repository's files or the secrets of the environment. PATH and HOME are what launchers such as
    pyenv's find the interpreter by.
    """
    import json
    import subprocess
    from tempfile import TemporaryDirectory

    environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    with TemporaryDirectory(prefix="loracheck-") as empty:
        try:
            process = subprocess.run(
                [program, "-I", "-c", _PROBE],
                cwd=empty,
                env=build_environment(**environment),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=_SECONDS,
                check=True,
            )
            entries, path = json.loads(process.stdout)
        except OSError as error:
            reason = f"could not be started: {error.strerror}"
        except (ValueError, TypeError, subprocess.SubprocessError):
            reason = "is no Python that works"
        else:
            return Interpreter(entries, tuple(entry for entry in path if os.path.isabs(entry)))
    raise InterpreterError(f"the interpreter {program} {reason}")
