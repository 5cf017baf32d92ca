"""A run as CI would have it, over a hostile repository with a secret around: the secret reaches
neither the network nor a file nor the output, and nothing of the repository runs.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

CANARY = "hf_CANARYcanary0123456789"
ROOT = Path(__file__).parents[2]
MODULES = ("venv", "yaml", "click", "torch", "transformers", "sitecustomize", "pydantic")
LINE = "from pathlib import Path; Path({!r}).write_text('ran')\n"


@pytest.fixture
def listener() -> Iterator[tuple[int, list[bytes]]]:
    """A server that stands for the hub and for a proxy: its port, and all that it was sent."""
    received: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection:
                    connection.settimeout(5)
                    received.append(connection.recv(65536))

        threading.Thread(target=serve, daemon=True).start()
        yield server.getsockname()[1], received
        server.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Every trick in one folder: planted modules, settings, links, a model that brings code."""
    folder, outside = tmp_path / "repository", tmp_path / "outside"
    (folder / ".git").mkdir(parents=True)
    outside.mkdir()
    (outside / "credentials").write_text(f"token = {CANARY}\n")
    (outside / "lora.yaml").write_text("peft_type: LORA\nlora_alpa: 16\n")
    for name in MODULES:
        (folder / f"{name}.py").write_text(LINE.format(str(outside / "ran")))
    (folder / "evil.pth").write_text("import " + LINE.format(str(outside / "ran")))
    (folder / "lora.json").symlink_to(outside / "credentials")
    (folder / "linked.yaml").symlink_to(outside / "lora.yaml")
    (folder / "loracheck.lock.tmp").symlink_to(outside / "lock")
    (folder / "loracheck.toml").write_text('online = true\npython = "./evil.sh"\n')
    model = folder / "model"
    model.mkdir()
    (model / "modeling.py").write_text(LINE.format(str(outside / "ran")))
    (model / "config.json").write_text(json.dumps({
        "model_type": "timm_backbone", "backbone": "./model", "trust_remote_code": True,
        "auto_map": {"AutoModel": "modeling.X"}, "architectures": ["X"],
    }))  # fmt: skip
    for number, words in enumerate(({"base_model_name_or_path": "model"},
                                    {"base_model_name_or_path": "attacker/probe"},
                                    {"base_model_name_or_path": "a/b", "revision": "/dev/zero"},
                                    {"target_modules": "x\x1b]52;c;a\x07"})):  # fmt: skip
        config = {"peft_type": "LORA", "r": 8, "target_modules": ["q_proj"], **words}
        (folder / f"config{number}.json").write_text(json.dumps(config))
    return folder


COMMANDS = [
    ["check", "."],
    ["check", "--fix", "--unsafe-fixes", "."],
    ["check", "--format", "github", "."],
    ["check", "lora.json"],
    ["lock", "."],
    ["explain", "config0.json"],
    ["tree", "./model"],
]


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
def test_the_secret_stays(repository: Path, listener: tuple[int, list[bytes]]) -> None:
    port, received = listener
    outside = repository.parent / "outside"
    before = {path.name: path.read_bytes() for path in outside.iterdir()}
    home = repository.parent / "home"
    home.mkdir()
    address = f"http://127.0.0.1:{port}"
    environment = {
        "PATH": os.environ["PATH"], "HOME": str(home), "HF_TOKEN": CANARY, "SECRET": CANARY,
        "HF_ENDPOINT": address, "https_proxy": address, "http_proxy": address,
    }  # fmt: skip
    program = (
        f"import sys; sys.path.append({str(ROOT)!r})\nfrom loracheck.__main__ import main\nmain()"
    )
    for words in COMMANDS:
        done = subprocess.run(
            [sys.executable, "-I", "-c", program, *words],
            cwd=repository, env=environment, capture_output=True, timeout=120, check=False,
        )  # fmt: skip
        output = done.stdout + done.stderr
        assert CANARY.encode() not in output, words
        assert b"Traceback" not in output, (words, output)
        assert b"\x1b" not in output, words
        assert done.returncode in range(4), (words, output)
    assert {path.name: path.read_bytes() for path in outside.iterdir()} == before
    assert CANARY.encode() not in b"".join(received)
    written = [path for path in home.rglob("*") if path.is_file()]
    assert not any(CANARY.encode() in path.read_bytes() for path in written)


def test_the_listener_would_hear_it(listener: tuple[int, list[bytes]]) -> None:
    port, received = listener
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(CANARY.encode())
        connection.shutdown(socket.SHUT_WR)
        connection.recv(1)
    assert CANARY.encode() in b"".join(received)
