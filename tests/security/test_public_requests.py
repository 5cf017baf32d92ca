"""A repository's own `online = true` asks the Hub as anybody could: no token goes along, neither
the environment's nor that of a login. `--online` on the command line sends it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

pytest.importorskip("huggingface_hub")
CANARY = "hf_CANARYcanary0123456789"
LOGIN = "hf_CANARYlogin0123456789"
ROOT = Path(__file__).parents[2]
ADAPTER = {"peft_type": "LORA", "target_modules": ["q_proj"], "base_model_name_or_path": "a/probe"}
PROGRAM = f"import sys; sys.path.append({str(ROOT)!r})\nfrom loracheck.__main__ import main\nmain()"


@pytest.fixture
def hub() -> Iterator[tuple[str, list[str]]]:
    """A Hub that has no model: its address, and the requests that it got, with their headers."""
    received: list[str] = []

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            received.append(f"{self.requestline}\n{self.headers}")
            self.send_response(404)
            self.send_header("X-Error-Code", "RepoNotFound")
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_HEAD = do_GET  # noqa: N815 - the name that http.server looks for

        def log_message(self, format: str, *args: object) -> None:
            """Nothing to standard error."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", received
        server.shutdown()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository that wants the network, and the home of a user who is logged in."""
    folder = tmp_path / "repository"
    (folder / ".git").mkdir(parents=True)
    (folder / "loracheck.toml").write_text("online = true\n")
    (folder / "adapter_config.json").write_text(json.dumps(ADAPTER))
    (tmp_path / "hf").mkdir()
    (tmp_path / "hf" / "token").write_text(LOGIN)
    return folder


def run(repository: Path, address: str, *words: str, **more: str) -> None:
    environment = {
        "PATH": os.environ["PATH"], "HOME": str(repository.parent), "HF_ENDPOINT": address,
        "HF_HOME": str(repository.parent / "hf"), **more,
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-I", "-c", PROGRAM, "check", *words, "."],
        cwd=repository, env=environment, capture_output=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode in range(4) and b"Traceback" not in done.stderr, done.stderr


def test_settings_of_a_repository_send_no_token(
    repository: Path, hub: tuple[str, list[str]]
) -> None:
    address, received = hub
    run(repository, address, HF_TOKEN=CANARY)
    told = "\n".join(received)
    assert "a/probe" in told  # it was asked
    assert CANARY not in told and LOGIN not in told and "authorization" not in told.lower()


def test_the_command_line_sends_it(repository: Path, hub: tuple[str, list[str]]) -> None:
    address, received = hub
    run(repository, address, "--online")
    assert LOGIN in "\n".join(received)
