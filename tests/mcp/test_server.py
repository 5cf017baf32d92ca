"""The server answers every line, whatever it holds, and lives until its input ends."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loracheck.mcp.messages import MAX_LINE
from loracheck.mcp.server import REVISIONS, respond, serve
from loracheck.mcp.tools import MAX_ANSWER, MAX_MODELS, TOOLS
from tests.examples import examples

QWEN = "Qwen/Qwen2.5-7B"
CONFIG = {"peft_type": "LORA", "r": 8, "lora_alpha": 16, "target_modules": ["q_proj", "gate_porj"]}
DEAD = "LC202 `gate_porj` matches no module of Qwen2ForCausalLM"


def ask(method: str, **params: Any) -> Any:
    answer = respond({"jsonrpc": "2.0", "id": 1, "method": method, "params": params})
    assert answer is not None and answer["id"] == 1
    return answer.get("result", answer.get("error"))


def call(name: str, /, **arguments: Any) -> tuple[str, bool]:
    result = ask("tools/call", name=name, arguments=arguments)
    (content,) = result["content"]
    assert content["type"] == "text"
    return content["text"], result["isError"]


def run(*lines: bytes) -> list[Any]:
    out = io.BytesIO()
    serve(io.BytesIO(b"".join(lines)), out)
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_the_revision_is_the_client_s_where_it_is_known() -> None:
    for revision in REVISIONS:
        assert ask("initialize", protocolVersion=revision)["protocolVersion"] == revision
    for other in ("2099-01-01", None, 3):
        assert ask("initialize", protocolVersion=other)["protocolVersion"] == REVISIONS[0]
    assert ask("ping") == {}


def test_every_tool_is_listed_with_its_arguments() -> None:
    tools = {tool["name"]: tool for tool in ask("tools/list")["tools"]}
    assert tools.keys() == TOOLS.keys() == {"check", "explain", "tree", "models"}
    for tool in tools.values():
        assert set(tool["inputSchema"]["required"]) <= tool["inputSchema"]["properties"].keys()
    assert len(json.dumps(tools)) < 4000  # an agent pays for it in every session


def test_check_a_text_a_file_and_a_folder(tmp_path: Path) -> None:
    text = json.dumps(CONFIG)
    answer, failed = call("check", text=text, name="adapter_config.json", model=QWEN)
    assert DEAD in answer and not failed
    assert '-> "\\"gate_proj\\""' in answer
    path = tmp_path / "adapter_config.json"
    path.write_text(json.dumps({**CONFIG, "base_model_name_or_path": QWEN}))
    (tmp_path / "unrelated.json").write_text('{"a": ')
    for place in (path, tmp_path):
        answer, failed = call("check", path=str(place))
        assert DEAD in answer and not failed
        assert "1 LoRA setting." in answer
    served, _ = call("check", path=str(path), serve=["vllm==0.9"])
    assert "error" in served or "LC5" in served or DEAD in served
    (tmp_path / "loracheck.toml").write_text('ignore = ["LC202"]\n')
    assert DEAD not in call("check", path=str(path))[0]


def test_explain(tmp_path: Path) -> None:
    path = tmp_path / "adapter_config.json"
    path.write_text(json.dumps(CONFIG))
    for topic in (path, tmp_path):
        answer, failed = call("explain", topic=str(topic), model=QWEN)
        assert "trainable: 1,605,632 of" in answer and not failed
    for topic, words in (
        ("LC202", "target-entry-dead"),
        ("lora_alpha", "lora_alpha"),
        ("lora_target_modules", "axolotl"),
        (QWEN, "Qwen2ForCausalLM"),
    ):
        answer, failed = call("explain", topic=topic)
        assert words in answer and not failed


def test_tree_and_models() -> None:
    answer, failed = call("tree", model=QWEN)
    assert "gate_proj" in answer and not failed
    assert "score" in call("tree", model=QWEN, head="SequenceClassification")[0]
    rows = call("models", query="qwen2.5 7b")[0].splitlines()
    assert any(row.startswith(f"{QWEN} | exact") for row in rows)
    every = call("models", query="")[0].splitlines()
    assert len(every) == MAX_MODELS + 1 and every[-1].startswith("... ")


@pytest.mark.parametrize(
    ("name", "arguments", "says"),
    [
        ("check", {}, "either path or text"),
        ("check", {"path": "a.json", "text": "r: 8"}, "either path or text"),
        ("check", {"path": 3}, "'path' is no string"),
        ("check", {"path": "a\0b"}, "'path' is no string"),
        ("check", {"pth": "a.json"}, "there are path, text"),
        ("check", {"text": "r: 8", "name": "x.txt"}, "suffixes"),
        ("check", {"text": "r: 8", "peft": "new"}, "new"),
        ("check", {"text": "r: 8", "serve": ["nobody"]}, "nobody"),
        ("check", {"text": "r: 8", "serve": [3]}, "no array"),
        ("check", {"text": json.dumps(CONFIG), "model": "no/such"}, "no/such"),
        ("explain", {}, "'topic' is missing"),
        ("explain", {"topic": "no-such-thing"}, "no file, rule or field"),
        ("explain", {"topic": "no/such-model"}, "not bundled"),
        ("tree", {"model": "no/such-model"}, "not bundled"),
        ("models", {"query": "no such model ever"}, "no known id"),
    ],
)
def test_what_cannot_be_done_is_a_result(name: str, arguments: dict[str, Any], says: str) -> None:
    answer, failed = call(name, **arguments)
    assert failed and says in answer


def test_a_file_that_is_not_there_or_is_broken(tmp_path: Path) -> None:
    missing = str(tmp_path / "missing.yaml")
    assert "LC001" in call("check", path=missing)[0]
    broken = tmp_path / "adapter_config.json"
    broken.write_text('{"r": ')
    assert "error LC001" in call("check", path=str(broken))[0]
    assert call("explain", topic=str(broken))[1]
    (tmp_path / "loracheck.toml").write_text("selekt = 3\n")
    answer, failed = call("check", path=str(broken))
    assert failed and "selekt" in answer


def test_a_long_answer_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(TOOLS, "tree", TOOLS["tree"]._replace(run=lambda model: "x\n" * MAX_ANSWER))
    answer, _ = call("tree", model=QWEN)
    assert len(answer) < MAX_ANSWER + 60 and "more characters" in answer


def test_a_fault_of_ours_is_an_error_and_the_server_lives(monkeypatch: pytest.MonkeyPatch) -> None:
    def fault(model: str) -> str:
        raise RuntimeError("oh")

    monkeypatch.setitem(TOOLS, "tree", TOOLS["tree"]._replace(run=fault))
    error = ask("tools/call", name="tree", arguments={"model": "x"})
    assert error["code"] == -32603 and "RuntimeError: oh" in error["message"]
    assert ask("ping") == {}


def test_lines_that_are_no_message() -> None:
    ping = b'{"jsonrpc": "2.0", "id": "a", "method": "ping"}\n'
    answers = run(
        b"nonsense\n",
        b"\n",
        b"[1]\n",
        b'{"jsonrpc": "2.0", "method": "notifications/initialized"}\n',
        b'{"jsonrpc": "2.0", "id": 3, "method": "no/such"}\n',
        b'{"jsonrpc": "2.0", "id": 4, "method": "tools/call", "params": {"name": "rm"}}\n',
        b'{"jsonrpc": "2.0", "id": [], "method": "ping"}\n',
        b'{"jsonrpc": "2.0", "id": 5, "method": "ping", "params": [1]}\n',
        b'{"a": "' + b"x" * (MAX_LINE + 5) + b'"}\n',
        b"[" * 100_000 + b"\n",
        b"\xff\xfe\n",
        ping,
        b'{"jsonrpc": "2.0", "id": 1, "meth',
    )
    codes = [answer.get("error", {}).get("code") for answer in answers]
    assert codes == [
        *(-32700, -32600, -32601, -32602, -32600, -32602, -32700, -32700, -32700),
        *(None, -32700),
    ]
    assert answers[-2] == {"jsonrpc": "2.0", "id": "a", "result": {}}


ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)
WORDS = st.sampled_from(["initialize", "ping", "tools/list", "tools/call", "resources/list"])
MESSAGES = ANY | st.fixed_dictionaries(
    {"jsonrpc": st.just("2.0") | ANY},
    optional={
        "id": st.integers() | ANY,
        "method": WORDS | ANY,
        "params": ANY
        | st.fixed_dictionaries(
            {},
            optional={
                "name": st.sampled_from([*TOOLS]) | ANY,
                "arguments": st.dictionaries(
                    st.sampled_from(["text", "name", "model", "topic", "query", "serve"]), ANY
                )
                | ANY,
            },
        ),
    },
)


@examples(300)
@given(MESSAGES)
def test_any_message_has_an_answer_or_wants_none(message: Any) -> None:
    answer = respond(message)
    if answer is not None:
        assert answer["jsonrpc"] == "2.0"
        assert ("result" in answer) != ("error" in answer)
        assert answer.get("error", {}).get("code") != -32603, (message, answer)
        json.dumps(answer)
