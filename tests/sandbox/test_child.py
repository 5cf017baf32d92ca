"""The child that builds: what it is given, what ends it."""

from __future__ import annotations

import json
import os
import re
import signal
import stat
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path

import pytest

from loracheck.interpreter import KEPT
from loracheck.trees import child
from loracheck.trees.builder import build
from tests.hang import no_hang

from .inside import SKELETON

LLAMA = {"model_type": "llama", "num_hidden_layers": 1, "hidden_size": 64, "vocab_size": 8}
posix = pytest.mark.skipif(os.name != "posix", reason="shell scripts and signals")
needs_transformers = pytest.mark.skipif(
    find_spec("transformers") is None, reason="transformers is not installed"
)
_RECORD = """#!/bin/sh
{{ pwd; ls -A; env; echo "ARGS $*"; }} >> {record}
exec {python} "$@"
"""


@posix
@needs_transformers
def test_no_secret_and_no_file_of_the_working_directory_reaches_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = tmp_path / "record.txt"
    wrapper = tmp_path / "python"
    wrapper.write_text(_RECORD.format(record=record, python=sys.executable))
    wrapper.chmod(wrapper.stat().st_mode | stat.S_IXUSR)
    (tmp_path / "repository").mkdir()
    (tmp_path / "repository" / "planted.txt").write_text("")
    monkeypatch.chdir(tmp_path / "repository")
    for name in ("HF_TOKEN", "CI_CANARY", "HTTPS_PROXY", "PYTHONPATH", "GITHUB_TOKEN"):
        monkeypatch.setenv(name, "canary-hunter2")
    # What the wrapper says of itself is the real program, which is then started without it: it is
    # put in its place here, so that the record has both starts.
    found = child.find_interpreter(str(wrapper))
    monkeypatch.setattr(child, "find_interpreter", lambda _: found._replace(program=str(wrapper)))
    assert build(LLAMA, python=str(wrapper)).cls == "LlamaForCausalLM"
    text = record.read_text()
    assert text.count("ARGS -I") == 2
    assert "canary-hunter2" not in text
    assert "planted.txt" not in text
    assert str(tmp_path / "repository") not in text
    names = set(re.findall(r"^(\w+)=", text, re.MULTILINE))
    assert names <= {*KEPT, "HOME", "USERPROFILE", "TMPDIR", "TEMP", "TMP", "PWD", "PATH", "_"}


_PARENT = """
import subprocess, sys
child = subprocess.Popen(
    [sys.executable, "-I", "-c", {code!r}], stdin=subprocess.PIPE, stdout=subprocess.PIPE
)
child.stdout.readline()
print(child.pid, flush=True)
child.wait()
"""
_CODE = f"""
import sys
sys.path.insert(0, {str(SKELETON)!r})
from sandbox.parent import end_with_parent
end_with_parent(0)
print("ready", flush=True)
while True:
    pass
"""


@posix
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGHUP])
def test_it_ends_with_its_parent(number: signal.Signals) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", _PARENT.format(code=_CODE)],
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_DFL),  # nohup has it ignored
    )
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    parent.send_signal(number)
    parent.wait()
    parent.stdout.close()
    _wait_for_end(pid)


def _wait_for_end(pid: int) -> None:
    """Until it has ended, however busy the machine is."""
    with no_hang(600):
        while _runs(pid):
            time.sleep(0.02)


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{pid}/stat")
    return not status.exists() or status.read_text().rpartition(")")[2].split()[0] != "Z"


@posix
@needs_transformers
def test_the_builder_itself_ends_with_its_parent(tmp_path: Path) -> None:
    """Killed in the middle of a build, which would go on for seconds."""
    script = (
        "from loracheck.trees import child; import subprocess, sys\n"
        "start = child._start\n"
        "def told(*args):\n"
        "    process = start(*args); print(process.pid, flush=True); return process\n"
        "child._start = told\n"
        "child.ask({'config': {'model_type': 'llama', 'num_hidden_layers': 25000}, 'heads': [], "
        "'num_labels': None})\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    parent.stdout.close()
    _wait_for_end(pid)


@needs_transformers
def test_it_says_what_keeps_it_in() -> None:
    answer = child.ask({"describe": True})
    assert answer["ok"]
    assert "audit hook" in answer["layers"]
    assert "processor time 60 s" in answer["layers"] or sys.platform == "win32"
    assert answer["version"].count(".") == 2


@needs_transformers
def test_an_answer_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child, "MOST", 50)
    with pytest.raises(child.BuildError) as caught:
        child.ask({"config": LLAMA, "heads": [], "num_labels": None})
    assert caught.value.kind == "crash"


def test_a_request_is_one_line() -> None:
    """The line is what the child reads, whatever a config holds."""
    assert "\n" not in json.dumps({"config": {"a\n": "b\nc\r\u2028"}})


@posix
@needs_transformers
@pytest.mark.parametrize("each_file", [False, True])
def test_an_environment_of_links(
    each_file: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nix links packages, conda files where it cannot link otherwise."""
    spec = find_spec("transformers")
    assert spec is not None and spec.origin is not None
    packages = Path(spec.origin).parents[1]
    farm = tmp_path / "farm"
    farm.mkdir()
    for entry in packages.iterdir():
        if each_file and entry.name == "transformers":
            _link_files(entry, farm / entry.name)
        else:
            (farm / entry.name).symlink_to(entry)
    path = [str(farm) if Path(each) == packages else each for each in sys.path]
    monkeypatch.setattr(sys, "path", path)
    assert build(LLAMA).cls == "LlamaForCausalLM"


def _link_files(source: Path, target: Path) -> None:
    for folder, _, names in os.walk(source):
        if folder.endswith("__pycache__"):
            continue
        here = target / Path(folder).relative_to(source)
        here.mkdir()
        for name in names:
            (here / name).symlink_to(Path(folder) / name)
