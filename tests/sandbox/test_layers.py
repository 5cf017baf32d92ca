"""Each layer of the sandbox holds by itself, and what a build needs goes through all of them."""

from __future__ import annotations

import platform
import sys
from pathlib import Path

import pytest

from .inside import LANDLOCK, SECCOMP, WHOLE, attempts

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="layers of Linux")
SECRET = "a line that is nobody's business"


@pytest.fixture
def secret(tmp_path: Path) -> str:
    path = tmp_path / "secret.txt"
    path.write_text(SECRET)
    return str(path)


FORBIDDEN = [
    "open({secret!r}).read()",
    "open('secret.txt').read()",
    "open({secret!r}, 'a')",
    "open(json.__file__, 'a')",
    "os.open({secret!r}, os.O_RDONLY)",
    "os.open(json.__file__, os.O_RDWR)",
    "os.listdir('.')",
    "os.scandir({folder!r})",
    "os.remove({secret!r})",
    "os.rename({secret!r}, {secret!r} + '2')",
    "os.mkdir({folder!r} + '/new')",
    "os.symlink('/etc/passwd', 'link')",
    "socket.socket()",
    "socket.create_connection(('127.0.0.1', 9))",
    "socket.getaddrinfo('localhost', 80)",
    "subprocess.run(['true'])",
    "os.system('true')",
    "os.fork()",
    "os.posix_spawn('/bin/true', ['true'], {{}})",
    "os.execv('/bin/true', ['true'])",
    "os.kill(os.getppid(), 0)",
    "ctypes.CDLL(None)",
    "ctypes.pythonapi.Py_IncRef",
    "import_module('secret_module')",
    "sys.path.append({folder!r}) or import_module('secret_module')",
]


@pytest.mark.parametrize("text", FORBIDDEN)
def test_nothing_outside_is_reached(text: str, secret: str, tmp_path: Path) -> None:
    (tmp_path / "secret_module.py").write_text("x = 1\n")
    before = sorted(path.name for path in tmp_path.iterdir())
    _, (answer,) = attempts([text.format(secret=secret, folder=str(tmp_path))], tmp_path)
    assert not answer.startswith("done"), answer
    assert SECRET not in answer
    assert sorted(path.name for path in tmp_path.iterdir()) == before


def test_what_a_build_needs_is_allowed(tmp_path: Path) -> None:
    texts = [
        "import_module('colorsys').__name__",
        "len(os.listdir(os.path.dirname(json.__file__))) > 0",
        "open(json.__file__).read(3)",
        "threading.Thread(target=print).start()",
        "eval('1 + 1')",
        "len(os.urandom(8))",
        "os.path.exists('/')",
    ]
    held, answers = attempts(texts, tmp_path)
    assert [answer for answer in answers if not answer.startswith("done")] == []
    assert held[-1] == "audit hook"


def test_a_link_does_not_lead_out(tmp_path: Path, secret: str) -> None:
    """But for one right in a folder of the import path, which an installer has made."""
    (tmp_path / "allowed" / "package").mkdir(parents=True)
    (tmp_path / "allowed" / "package" / "link").symlink_to(secret)
    (tmp_path / "allowed" / "own.txt").write_text("own")
    enter = f"import_module('sandbox').enter([{str(tmp_path / 'allowed')!r}, *sys.path])"
    _, answers = attempts(
        ["open('allowed/own.txt').read()", "open('allowed/package/link').read()"], tmp_path, enter
    )
    assert answers[0] == "done: 'own'"
    assert answers[1].startswith("NotAllowedError")


@linux
@pytest.mark.parametrize(
    ("text", "goes"),
    [
        ("open({secret!r}).read()", False),
        ("open({secret!r}, 'w')", False),
        ("os.listdir({folder!r})", False),
        ("os.mkdir({folder!r} + '/new')", False),
        ("subprocess.run(['/bin/true'])", False),
        ("ctypes.CDLL(None).open({secret!r}.encode(), 0)", False),
        ("open(json.__file__).read(1)", True),
    ],
)
def test_landlock_alone(text: str, goes: bool, secret: str, tmp_path: Path) -> None:
    text = text.format(secret=secret, folder=str(tmp_path))
    held, (answer,) = attempts([text], tmp_path, LANDLOCK)
    if not held:
        pytest.skip("this kernel has no Landlock")
    assert answer.startswith("done") is goes or answer == "done: -1"
    assert SECRET not in answer


@linux
@pytest.mark.skipif(platform.machine() not in ("x86_64", "aarch64"), reason="no filter for it")
def test_seccomp_alone(tmp_path: Path) -> None:
    refused = [
        "socket.socket()",
        "socket.socketpair()",
        "os.fork()",
        "subprocess.run(['/bin/true'])",
        "os.execv('/bin/true', ['true'])",
        "os.kill(os.getppid(), 0)",
        "os.unshare(0x10000000) if hasattr(os, 'unshare') else 1 / 0",
    ]
    allowed = ["threading.Thread(target=print).start()", "os.getpid() > 0"]
    held, answers = attempts([*refused, *allowed], tmp_path, SECCOMP)
    if not held:
        pytest.skip("this system allows no filter")
    assert [answer.startswith("done") for answer in answers] == [False] * 7 + [True] * 2


@linux
def test_all_layers_hold_at_once(tmp_path: Path) -> None:
    """Where each can hold by itself, the others do not stand in its way."""
    alone = [name for enter in (LANDLOCK, SECCOMP) for name in attempts([], tmp_path, enter)[0]]
    held, _ = attempts([], tmp_path, WHOLE)
    assert held == ["no file writes", *alone, "audit hook"]
