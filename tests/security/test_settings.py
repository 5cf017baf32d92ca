"""What a repository's own settings, baseline and lock file may ask for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from loracheck.options.baseline import load_baseline
from loracheck.options.errors import SettingsError
from loracheck.options.load_settings_file import MAX_ENTRIES, MAX_PROBLEMS, load_settings_file
from tests.examples import examples
from tests.forked import run_command

ROOT = Path(__file__).parents[2]
CONFIG = {"peft_type": "LORA", "r": 8, "lora_alpha": 16, "target_modules": ["q_proj"]}


def run(folder: Path, *arguments: str, **environment: str) -> tuple[int, str]:
    place = {"XDG_CACHE_HOME": str(folder / ".cache")}
    done = run_command(*arguments, cwd=folder, env={**place, **environment})
    told = done.stdout + done.stderr
    assert "Traceback" not in told, told
    return done.returncode, told


@pytest.fixture
def listener() -> Iterator[tuple[str, list[tuple[str, str | None]]]]:
    """The address of a server that knows nothing, and the requests to it: path, credentials."""
    requests: list[tuple[str, str | None]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self.do_GET()

        def do_GET(self) -> None:
            requests.append((self.path, self.headers.get("Authorization")))
            self.send_error(404)

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", requests
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("command", ["check", "lock"])
@pytest.mark.parametrize("trusted", [False, True])
def test_only_the_command_line_sends_the_token(
    tmp_path: Path,
    listener: tuple[str, list[tuple[str, str | None]]],
    command: str,
    trusted: bool,
) -> None:
    address, requests = listener
    (tmp_path / ".git").mkdir()
    (tmp_path / "loracheck.toml").write_text("online = true\n")
    config = {**CONFIG, "base_model_name_or_path": "attacker/probe"}
    (tmp_path / "adapter_config.json").write_text(json.dumps(config))
    secret = "hf_secretsecretsecret"
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "token").write_text(secret)
    run(
        tmp_path,
        *(command, ".", *(("--online",) if trusted else ())),
        HF_ENDPOINT=address,
        HF_TOKEN=secret,
        HF_HOME=str(tmp_path / "home"),
        HF_HUB_OFFLINE="0",
        NO_PROXY="127.0.0.1",
    )
    if command == "check" or trusted:
        assert requests, "nothing was asked for"
    sent = {credentials for _, credentials in requests}
    assert (f"Bearer {secret}" in sent) is trusted
    assert sent <= {f"Bearer {secret}", None}


def settings_problems(folder: Path, text: str) -> list[str]:
    file = folder / "loracheck.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        load_settings_file(str(file))
    return caught.value.problems


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (f"exclude = {json.dumps(['a'] * (MAX_ENTRIES + 1))}", "at most 1,000 are read"),
        (f"select = {json.dumps(['LC1'] * (MAX_ENTRIES + 1))}", "at most 1,000 are read"),
        (f'exclude = ["{"*a" * 600}b"]', "a text of 1,201 characters"),
        ("[models]\n" + "".join(f'"a{n}" = "x"\n' for n in range(2_000)), "at most 1,000"),
        ("[rules]\n" + "".join(f"LC{n} = 1\n" for n in range(2_000)), "at most 1,000"),
        ("".join(f"k{n} = 1\n" for n in range(100_000)), "at most 1,000"),
        ("x" * 900 + " = 1", "unknown key `xxx"),
        ("a" + ".a" * 50_000 + " = 1", "Key of more than 100 parts"),
        ("[" * 5_000, "not valid TOML"),
    ],
)
def test_settings_are_bounded(tmp_path: Path, text: str, words: str) -> None:
    problems = settings_problems(tmp_path, text)
    assert any(words in problem for problem in problems), problems
    assert all(len(problem) < 1_000 for problem in problems)


def test_not_every_problem_is_looked_into(tmp_path: Path) -> None:
    problems = settings_problems(tmp_path, "".join(f"online{n} = 1\n" for n in range(900)))
    assert len(problems) == MAX_PROBLEMS + 1
    assert problems[-1].endswith("more may be wrong")


def test_a_paragraph_of_many_sentences_is_no_long_key(tmp_path: Path) -> None:
    from loracheck.documents.toml.loads import loads

    sentence = "This is one of them, e.g. 0.5."
    text = f'prompt = "{sentence * 200}"\nrates = {[0.5] * 300}\n"""'.removesuffix('"""')
    assert loads(text)["prompt"] == sentence * 200


ROWS: list[tuple[Any, str]] = [
    ([], "no list of `findings`"),
    ({"version": 1}, "no list of `findings`"),
    ({"version": 2, "findings": []}, "its version is 2"),
    ({"version": True, "findings": []}, "its version is True"),
    ({"version": 1, "findings": [5]}, "finding 1 is no object"),
]
ROW = {"path": "a", "code": "LC101", "field": None, "message": "m", "count": 1}
for key, value in (("count", 1.5), ("count", 0), ("count", True), ("count", 10**30)):
    ROWS.append(({"version": 1, "findings": [ROW, {**ROW, key: value}]}, "`count` of finding 2"))
for key in ("path", "code", "message", "field"):
    ROWS.append(({"version": 1, "findings": [{**ROW, key: 5}]}, f"`{key}` of finding 1"))


@pytest.mark.parametrize(("data", "words"), ROWS)
def test_a_baseline_says_what_is_wrong_with_it(tmp_path: Path, data: object, words: str) -> None:
    file = tmp_path / "b.json"
    file.write_text(json.dumps(data))
    with pytest.raises(SettingsError, match=words):
        load_baseline(str(file))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["version", "findings", "path", "code", "field", "message", "count"])
            | st.text(max_size=3),
            inner,
            max_size=6,
        )
    ),
    max_leaves=20,
)


@examples(allow=[HealthCheck.function_scoped_fixture])
@given(JSON)
def test_any_value_is_a_baseline_or_an_error(tmp_path: Path, data: object) -> None:
    file = tmp_path / "b.json"
    file.write_text(json.dumps(data))
    try:
        load_baseline(str(file))
    except SettingsError as error:
        assert "not a baseline of loracheck: " in error.problems[0]


@pytest.mark.parametrize("text", ["[", "[]", '{"version": 9, "models": {}}', '{"version": 1}'])
def test_a_lock_file_that_cannot_be_read_ends_with_2(tmp_path: Path, text: str) -> None:
    (tmp_path / ".git").mkdir()
    config = {**CONFIG, "base_model_name_or_path": "x/y"}
    (tmp_path / "adapter_config.json").write_text(json.dumps(config))
    (tmp_path / "loracheck.lock").write_text(text)
    status, said = run(tmp_path, "check", ".")
    assert status == 2
    assert "loracheck.lock" in said and "write it anew with: loracheck lock" in said
