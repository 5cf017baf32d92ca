"""The source files of one release of an engine, out of its wheel.

A wheel of vLLM has 500 MB, nearly all of it compiled kernels. pip says which wheel a release is,
and of it only the table of contents and the wanted `.py` files are read (remotezip: HTTP ranges).
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname
from zipfile import ZipFile

from bench.oracle.environments import environments_folder

ATTEMPTS = ((), ("--python-version", "3.10"), ("--python-version", "3.12"))
"""Options of pip, for releases that say of which Python they are."""


def fetch_sources(package: str, version: str, folders: tuple[str, ...]) -> Path:
    """A folder with those `.py` files of the release that lie below one of `folders`, or are one of
    them. They are kept: a second call reads nothing. CalledProcessError where pip finds no wheel.
    """
    home = environments_folder().parent / "engines" / package / version
    done = home / ".whole"
    if not done.exists():
        _read_wheel(find_wheel(package, version), folders, home)
        done.touch()
    return home


def find_wheel(package: str, version: str) -> str:
    """The address of the release's wheel, as pip tells it without bringing it here."""
    failure: subprocess.CalledProcessError | None = None
    for options in ATTEMPTS:
        command = [
            *(sys.executable, "-m", "pip", "install", "--dry-run", "--ignore-installed"),
            *("--no-deps", "--quiet", "--report", "-", "--only-binary", ":all:"),
            *(*options, *(("--target", "unused") if options else ()), f"{package}=={version}"),
        ]
        try:
            done = subprocess.run(command, capture_output=True, text=True, check=True)
        except subprocess.CalledProcessError as error:
            failure = error
            continue
        found: str = json.loads(done.stdout)["install"][0]["download_info"]["url"]
        return found
    assert failure is not None
    raise failure


def _read_wheel(address: str, folders: tuple[str, ...], home: Path) -> None:
    from remotezip import RemoteZip
    from requests import Session

    if address.startswith("file:"):
        with ZipFile(url2pathname(urlsplit(address).path)) as wheel:
            _copy_files(wheel, folders, home)
        return
    with Session() as session, RemoteZip(address, session=session) as wheel:
        _copy_files(wheel, folders, home)


def _copy_files(wheel: ZipFile, folders: tuple[str, ...], home: Path) -> None:
    for name in wheel.namelist():
        if name.endswith(".py") and name.startswith(folders):
            file = home / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(wheel.read(name))
