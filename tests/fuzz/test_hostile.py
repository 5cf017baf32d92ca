"""Inputs made to hang, crash or fill the memory: each is answered within a second."""

from __future__ import annotations

import os
import tracemalloc
from pathlib import Path

import pytest
import yaml

from loracheck.documents import read
from loracheck.documents.model import DocumentError
from loracheck.documents.source import MAX_BYTES
from tests.hang import no_hang

from .test_any_input import use

NINE = ",".join(["*a{0}"] * 9)
BOMB = "a0: &a0 [x,x,x]\n" + "".join(f"a{i}: &a{i} [{NINE.format(i - 1)}]\n" for i in range(1, 10))
MERGES = "a0: &a0 {x: 1, y: 2}\n" + "".join(
    f"a{i}: &a{i} {{<<: [*a{i - 1}, *a{i - 1}]}}\n" for i in range(1, 60)
)
WIDE_MERGES = "".join(f"a{i}: &a{i} {{x{i}: 1}}\n" for i in range(1_000)) + "".join(
    f"b{i}: {{<<: [{','.join(f'*a{k}' for k in range(1_000))}]}}\n" for i in range(300)
)
PYTHON = "from peft import LoraConfig\n"

REFUSED = {
    "deep-list.json": "[" * 100_000,
    "deep-closed.json": "[" * 100_000 + "]" * 100_000,
    "wide.json": "[" + ",".join(["[]"] * 690_000) + "]",
    "deep-object.json": '{"a":' * 100_000,
    "deep-list.yaml": "[" * 5_000,
    "deep-dash.yaml": "- " * 5_000 + "x",
    "deep-indent.yaml": "\n".join(" " * i + "a:" for i in range(1_900)),
    "deep-map.yaml": "{a: " * 5_000,
    "deep-question.yaml": "? " * 5_000,
    "deep-alias.yaml": "a0: &a0 [x]\n"
    + "".join(f"a{i}: &a{i} [*a{i - 1}]\n" for i in range(1, 5_000)),
    "alias-bomb.yaml": BOMB,
    "itself.yaml": "a: &a {b: *a}\n",
    "merge-wide.yaml": WIDE_MERGES,
    "digits.json": "1" * 5_000,
    "digits.yaml": "a: " + "1" * 5_000,
    "octal.yaml": "a: 0" + "7" * 50_000,
    "sexagesimal.yaml": "a: 1" + ":10" * 50_000,
    "digits.py": PYTHON + "LoraConfig(r=" + "1" * 5_000 + ")",
    "object.yaml": '!!python/object/apply:os.system ["touch hacked"]',
    "module.yaml": "a: !!python/module:os ''",
    "deep-call.py": PYTHON + "(" * 100_000,
    "too-big.json": '"' + "x" * MAX_BYTES + '"',
    "too-big.yaml": "a: " + "x" * MAX_BYTES,
    "latin-1.json": b'{"a": "\xe9"}',
    "random.yaml": bytes(range(256)) * 100,
}

READ = {
    "wide.json": "[" + ",".join(["[]"] * 50_000) + "]",
    "keys.json": "{" + ",".join(f'"k{i}":{i}' for i in range(50_000)) + "}",
    "slips.yaml": "r: 8\n" + "".join(f"lora_alph{i}: {i}\n" for i in range(5_000)),
    "settings.yaml": "a: &a {r: 8, lora_alpha: 16}\nl: [" + ",".join(["*a"] * 20_000) + "]\n",
    "minus.py": PYTHON + "LoraConfig(r=" + "-" * 3_000 + "1)",
    "plus.py": PYTHON + "LoraConfig(r=" + "1+" * 3_000 + "1)",
    "dots.py": PYTHON + "LoraConfig(r=a" + ".b" * 3_000 + ")",
    "power.py": PYTHON + "LoraConfig(r=9**9**9**9)",
    "repeat.py": PYTHON + "LoraConfig(r='x' * 10**12, target_modules=['x'] * 10**9)",
    "width.py": PYTHON + "LoraConfig(r=f'{1:999999999}', bias='{:999999999}'.format(1))",
    "percent.py": PYTHON + "LoraConfig(r='%999999999d' % 1)",
    "range.py": PYTHON + "LoraConfig(layers_to_transform=list(range(10**12)))",
    "itself.py": PYTHON + "a = b\nb = a\nLoraConfig(r=a)",
    "names.py": PYTHON
    + "a0 = ['x'] * 9\n"
    + "".join(f"a{i} = [{','.join([f'a{i - 1}'] * 9)}]\n" for i in range(1, 12))
    + "LoraConfig(target_modules=a11)",
    "ranges.py": PYTHON + f"LoraConfig(r=[{','.join(['list(range(999))'] * 900)}])",
    "strings.py": PYTHON
    + f"LoraConfig(r=[{','.join(['9999*chr', '9999*chr(1)', '9_999*[1]'] * 300)}])",
    "calls.py": PYTHON + "LoraConfig(r=8)\n" * 3_000,
    "replace.py": PYTHON + "LoraConfig(r=('x' * 9999).replace('x', 'y' * 9999))",
}


def used(name: str, data: bytes | str) -> None:
    """Read the text and use what it gives; a hang ends with TimeoutError."""
    with no_hang(600):
        use(name, data.encode() if isinstance(data, str) else data)


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    data = REFUSED[name]
    used(name, data)
    with pytest.raises(DocumentError):
        read(name, data)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", READ)
def test_read(name: str) -> None:
    used(name, READ[name])
    tracemalloc.start()
    use(name, READ[name].encode())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 60_000_000


def test_merges_that_double_at_each_level() -> None:
    """PyYAML drops the doubles from 6.0.4 on; those before it unfold them, and are stopped."""
    used("merge-bomb.yaml", MERGES)
    if tuple(map(int, yaml.__version__.split(".")[:3])) < (6, 0, 4):
        with pytest.raises(DocumentError, match="merges unfold"):
            read("merge-bomb.yaml", MERGES)


def test_what_is_no_regular_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo.json")
    (tmp_path / "folder.yaml").mkdir()
    (tmp_path / "loop.json").symlink_to(tmp_path / "loop.json")
    (tmp_path / "device.json").symlink_to("/dev/zero")
    for name in ("fifo.json", "folder.yaml", "device.json"):
        with pytest.raises((DocumentError, OSError)):
            read(str(tmp_path / name))
    for name in ("loop.json", "missing.json"):
        with pytest.raises(OSError):
            read(str(tmp_path / name))


def test_a_file_too_big_is_not_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "huge.json"
    with path.open("wb") as file:
        file.truncate(10 * 2**30)
    with pytest.raises(DocumentError, match="MiB"):
        read(str(path))
