"""Every door of loracheck in a hostile repository with a secret around, watched by strace: no
connection, no program but the interpreter, no file changed but its own, the secret written nowhere.
"""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.sandbox.planted import plant

from .audit import Record, has_strace, read_log, wrap

pty = pytest.importorskip("pty")
ROOT = Path(__file__).parents[2]
CANARY = "hf_CANARYcanary0123456789"
ACTION = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))["runs"]["steps"]
CHECK = next(step["run"] for step in ACTION if step.get("id") == "check")
LORACHECK = [
    sys.executable, "-I", "-B", "-c",
    f"import sys; sys.path.append({str(ROOT)!r})\nfrom loracheck.__main__ import main\nmain()",
]  # fmt: skip
ADAPTER = {
    "peft_type": "LORA", "r": 8, "lora_aplha": 1, "target_modules": ["q_proj"],
    "base_model_name_or_path": "attacker/probe",
}  # fmt: skip
pytestmark = pytest.mark.skipif(not has_strace(), reason="strace is not there, or may not follow")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Modules to trip over, links that leave, settings that ask for much, a model with code."""
    folder = tmp_path / "repository"
    (folder / ".git").mkdir(parents=True)
    for name in ("home", "temporary", "outside"):
        (tmp_path / name).mkdir()
    plant(folder, tmp_path / "outside" / "ran")
    (tmp_path / "outside" / "credentials").write_text(f"token = {CANARY}\n")
    (tmp_path / "outside" / "lora.yaml").write_text("peft_type: LORA\nlora_alpa: 16\n")
    (folder / "linked.json").symlink_to("../outside/credentials")
    (folder / "linked.yaml").symlink_to("../outside/lora.yaml")
    (folder / "loracheck.toml").write_text('python = "./python"\n')
    (folder / "probe.json").write_text(json.dumps(ADAPTER))
    (folder / "records.jsonl").write_text(json.dumps({"text": json.dumps(ADAPTER)}) + "\n")
    return folder


def settings_without_python(folder: Path) -> None:
    """Settings that are taken, and ask for the network."""
    (folder / "loracheck.toml").write_text("online = true\n")


def environment(folder: Path) -> dict[str, str]:
    here = folder.parent
    return {
        "PATH": "/usr/bin:/bin", "HOME": str(here / "home"), "TMPDIR": str(here / "temporary"),
        "HF_TOKEN": CANARY, "SECRET": CANARY, "HF_ENDPOINT": "http://127.0.0.1:9",
        "PYTHONDONTWRITEBYTECODE": "1", "TERM": "xterm-256color", "LANG": "C.UTF-8",
    }  # fmt: skip


def watch(folder: Path, *words: str, told: bytes = b"") -> tuple[Record, bytes]:
    """The record and the output of `loracheck WORDS` in the folder."""
    return watch_command(folder, [*LORACHECK, *words], told)


def watch_command(
    folder: Path, command: list[str], told: bytes = b"", **more: str
) -> tuple[Record, bytes]:
    log = folder.parent / "log"
    done = subprocess.run(
        wrap(command, log), cwd=folder, env={**environment(folder), **more}, input=told,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=600, check=False,
    )  # fmt: skip
    assert done.returncode in range(4), done.stdout
    assert b"Traceback" not in done.stdout, done.stdout
    assert CANARY.encode() not in done.stdout
    return read_log(log, folder), done.stdout


def assert_quiet(record: Record, folder: Path, *own: str) -> None:
    """Nothing happened but what the command is for; `own` are the files that it may change."""
    interpreter = {os.path.realpath(sys.executable), sys.executable, "/usr/bin/strace"}
    assert {os.path.realpath(one) for one in record.programs} <= {
        os.path.realpath(one) for one in interpreter
    } | set(map(os.path.realpath, ("/usr/bin/bash", "/usr/bin/rm", "/usr/bin/cat")))
    assert record.connections == [] and record.other == []
    assert CANARY not in record.sent
    allowed = [str(folder.parent / name) for name in ("home", "temporary")]
    allowed += [str(folder / name) for name in own] + ["/dev/"]
    # a temporary file beside the file that it replaces
    allowed += [str((folder / name).parent / f".{Path(name).name}.") for name in own]
    assert [path for path in record.changed if not path.startswith(tuple(allowed))] == []
    outside = {path.name: path.read_text() for path in (folder.parent / "outside").iterdir()}
    assert outside == {
        "credentials": f"token = {CANARY}\n", "lora.yaml": "peft_type: LORA\nlora_alpa: 16\n",
    }  # fmt: skip


def test_fix_and_the_builder(repository: Path) -> None:
    (repository / "loracheck.toml").unlink()
    record, _ = watch(repository, "check", "--fix", "--unsafe-fixes", ".")
    assert record.programs.count(os.path.realpath(sys.executable)) + record.programs.count(
        sys.executable
    ) >= 2  # fmt: skip
    assert_quiet(record, repository, "probe.json", "configs/adapter_config.json", "lora.yaml")
    assert "lora_alpha" in (repository / "probe.json").read_text()


def test_the_action(repository: Path) -> None:
    (repository / "loracheck.toml").unlink()
    temporary = repository.parent / "temporary"
    python = repository.parent / "home" / "python"
    python.write_text(f'#!/bin/sh\nshift 3\nexec {" ".join(map(_quote, LORACHECK))} "$@"\n')
    python.chmod(0o755)
    record, _ = watch_command(
        repository, ["bash", "-e", "-c", CHECK],
        PYTHON=str(python), PATHS="probe.json linked.json linked.yaml configs/*.json",
        ARGUMENTS="", SUMMARY="true", RUNNER_TEMP=str(temporary), GITHUB_ACTIONS="true",
        GITHUB_OUTPUT=str(temporary / "output"), GITHUB_STEP_SUMMARY=str(temporary / "summary"),
    )  # fmt: skip
    record.programs = [one for one in record.programs if one != str(python)]
    assert_quiet(record, repository)
    assert "aplha" in (temporary / "summary").read_text()


def _quote(word: str) -> str:
    import shlex

    return shlex.quote(word)


def test_the_hook(repository: Path) -> None:
    record, told = watch(
        repository, "check", "--skip-unrelated", "probe.json", "linked.json", "train.py"
    )
    assert b"python" in told  # the setting that is refused
    assert_quiet(record, repository)


@pytest.mark.parametrize(
    "words",
    [("explain", "probe.json"), ("batch", "-j", "1", "records.jsonl", "rows.jsonl"),
     ("explain", "linked.json"), ("tree", "no/such-model")],
    ids=lambda words: words[0],
)  # fmt: skip
def test_commands(repository: Path, words: tuple[str, ...]) -> None:
    (repository / "loracheck.toml").unlink()
    record, _ = watch(repository, *words)
    assert_quiet(record, repository, "rows.jsonl")


def test_an_agent_s_server(repository: Path) -> None:
    """Nothing is fetched for an agent, even where the repository's settings ask for it."""
    settings_without_python(repository)
    calls: list[tuple[str, dict[str, Any]]] = [
        ("check", {"path": "."}), ("check", {"path": "../outside/lora.yaml"}),
        ("explain", {"topic": "probe.json"}), ("explain", {"topic": "linked.json"}),
        ("tree", {"model": "attacker/probe"}), ("explain", {"topic": "attacker/probe"}),
    ]  # fmt: skip
    lines = [
        {"jsonrpc": "2.0", "id": number, "method": "tools/call",
         "params": {"name": name, "arguments": arguments}}
        for number, (name, arguments) in enumerate(calls)
    ]  # fmt: skip
    told = "".join(f"{json.dumps(line)}\n" for line in lines).encode()
    record, said = watch(repository, "mcp", told=told)
    assert said.count(b'"id": ') == len(calls)
    assert_quiet(record, repository)


def test_an_editor_s_server(repository: Path) -> None:
    pytest.importorskip("pygls")
    (repository / "loracheck.toml").unlink()
    uri = (repository / "probe.json").as_uri()
    first: list[dict[str, Any]] = [
        {"id": 1, "method": "initialize", "params": {
            "processId": None, "rootUri": repository.as_uri(), "capabilities": {},
            "initializationOptions": {"python": "./python", "workspace": True}}},
        {"method": "initialized", "params": {}},
        {"method": "textDocument/didOpen", "params": {"textDocument": {
            "uri": uri, "languageId": "json", "version": 1, "text": json.dumps(ADAPTER)}}},
    ]  # fmt: skip
    last = [{"id": 3, "method": "shutdown"}, {"method": "exit"}]
    log = repository.parent / "log"
    child = subprocess.Popen(
        wrap([*LORACHECK, "lsp"], log), cwd=repository, env=environment(repository),
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    assert child.stdin is not None and child.stdout is not None
    child.stdin.write(b"".join(map(_frame, first)))
    child.stdin.flush()
    said = b""
    while b"lora_aplha" not in said:
        said += (piece := child.stdout.read1(65536))
        assert piece, said
    said += child.communicate(b"".join(map(_frame, last)), timeout=600)[0]
    assert child.returncode == 0 and CANARY.encode() not in said
    assert_quiet(read_log(log, repository), repository)


def _frame(message: dict[str, Any]) -> bytes:
    body = json.dumps({"jsonrpc": "2.0", **message}).encode()
    return b"Content-Length: %d\r\n\r\n%s" % (len(body), body)


def test_the_explorer(repository: Path) -> None:
    """In a terminal of its own; Ctrl+Q ends it."""
    pytest.importorskip("textual")
    (repository / "loracheck.toml").unlink()
    log, (ours, theirs) = repository.parent / "log", pty.openpty()
    child = subprocess.Popen(
        wrap([*LORACHECK, "explain", "-i", "probe.json"], log), cwd=repository,
        env=environment(repository), stdin=theirs, stdout=theirs, stderr=theirs,
        start_new_session=True,
    )  # fmt: skip
    os.close(theirs)
    seen = b""
    while child.poll() is None:
        if select.select([ours], [], [], 0.2)[0]:
            try:
                seen += os.read(ours, 65536)
            except OSError:  # its end of the terminal is closed
                break
        elif b"probe.json" in seen:
            os.write(ours, b"\x11")
    assert child.wait(60) == 0
    os.close(ours)
    assert b"probe.json" in seen and CANARY.encode() not in seen
    assert_quiet(read_log(log, repository), repository)


def test_the_audit_would_see_it(repository: Path) -> None:
    program = (
        "import os, socket, subprocess\n"
        "open('x.txt', 'w').write(os.environ['SECRET'])\n"
        "subprocess.run(['/usr/bin/true'])\n"
        "socket.socket().connect_ex(('127.0.0.1', 9))\n"
    )
    record, _ = watch_command(repository, [sys.executable, "-I", "-S", "-c", program])
    assert CANARY in record.sent and "/usr/bin/true" in record.programs
    assert str(repository / "x.txt") in record.changed
    assert len(record.connections) == 1
