"""A real client opens, types, hovers, completes, and mends; the server lives through bad input."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("pygls")

from lsprotocol import types

from .client import Editor, apply, connect

AXOLOTL = """\
base_model: microsoft/Phi-3-mini-4k-instruct
adapter: lora
lora_r: 16
lora_alpha: 32
lora_target_modules:
  - q_proj
  - o_proj
"""
QWEN = '{"peft_type": "LORA", "base_model_name_or_path": "Qwen/Qwen2.5-7B",\n'
JSON = QWEN + ' "r": 8, "lora_alpha": 16,\n "target_modules": ["q_proj", "gate_porj"]}\n'
URI = "file:///work/lora.yaml"


def run(talk: Coroutine[Any, Any, None]) -> None:
    asyncio.run(talk)


def codes(found: list[types.Diagnostic]) -> list[tuple[str, int]]:
    return [(str(one.code), one.range.start.line) for one in found]


def test_a_wrong_file_is_mended_in_the_editor() -> None:
    async def talk() -> None:
        async with connect() as editor:
            found = await editor.open(URI, AXOLOTL, "yaml")
            assert codes(found) == [("LC202", 5)]
            assert found[0].severity == types.DiagnosticSeverity.Warning
            assert "in this model it is `qkv_proj`" in found[0].message
            assert (await editor.hover(URI, 5, 6) or "").startswith("**q_proj**")
            actions = await editor.actions(URI, 5)
            titles = [action.title for action in actions]
            assert titles[0].endswith("(LC202)") and titles[-1] == "ignore LC202 in this line"
            for action, left in ((actions[0], []), (actions[-1], [])):
                assert action.edit is not None and action.edit.changes is not None
                mended = apply(AXOLOTL, action.edit.changes[URI])
                assert codes(await editor.type(URI, mended)) == left
                await editor.type(URI, AXOLOTL)
            assert await editor.actions(URI, 0) == []

    run(talk())


def test_names_of_the_model_are_offered_with_their_counts() -> None:
    async def talk() -> None:
        async with connect() as editor:
            await editor.open(URI, AXOLOTL, "yaml")
            text = AXOLOTL.replace("o_proj\n", "o_proj\n  - gate\n")
            await editor.type(URI, text)
            items = await editor.complete(URI, 7, 8)
            names = {item.label: item for item in items}
            assert names["gate_up_proj"].detail == "32 modules: Linear"
            assert "q_proj" not in names and "all-linear" in names
            edit = names["gate_up_proj"].text_edit
            assert isinstance(edit, types.TextEdit)
            assert "  - gate_up_proj\n" in apply(text, [edit])

    run(talk())


@pytest.mark.parametrize(
    ("uri", "before", "after", "label", "text"),
    [
        (URI, "base_model: x\nadapter: lora\nlora_r: 8\nlora_dro", "\n", "lora_dropout", ": "),
        (URI, "adapter: lora\nlora_r: 8\nbase_model: qwen2.5-7b-ins", "\n", None, "Qwen/Qwen2.5"),
        ("file:///w/adapter_config.json", '{"peft_type": "LORA", "r": 8, "lora_dr', '"}', None, ""),
        (
            "file:///w/adapter_config.json",
            '{"peft_type": "LORA", "r": 8, ',
            "}",
            "bias",
            '"bias": ',
        ),
        (
            "file:///w/adapter_config.json",
            QWEN + '"r": 8, "bias": "',
            '"}',
            "lora_only",
            "lora_only",
        ),
        ("file:///w/adapter_config.json", QWEN + '"r": 8, "bias": ', "}", "all", '"all"'),
        ("file:///w/adapter_config.json", QWEN + '"r": 8, "use_dora": ', "}", "True", "true"),
        (
            "file:///w/adapter_config.json",
            QWEN + '"r": 8, "target_modules": ["q_proj", "',
            "",
            "gate_proj",
            "gate_proj",
        ),
        (
            "file:///w/train.py",
            "from peft import LoraConfig\nc = LoraConfig(r=8, lora_al",
            ")\n",
            "lora_alpha",
            "lora_alpha=",
        ),
        (
            "file:///w/train.py",
            "from peft import LoraConfig\nc = LoraConfig(\n    r=8,\n    use_rs",
            "\n)\n",
            "use_rslora",
            "use_rslora=",
        ),
        (
            "file:///w/train.py",
            "from peft import LoraConfig\nc = LoraConfig(r=8, bias=",
            ")\n",
            "lora_only",
            '"lora_only"',
        ),
        (
            "file:///w/kohya.toml",
            'network_module = "networks.lora"\nnetwork_dim = 8\nnetwork_al',
            "\n",
            "network_alpha",
            "network_alpha = ",
        ),
    ],
)
def test_completion(uri: str, before: str, after: str, label: str | None, text: str) -> None:
    async def talk() -> None:
        async with connect() as editor:
            await editor.open(uri, before + after)
            line = before.count("\n")
            items = await editor.complete(uri, line, len(before.rpartition("\n")[2]))
            assert items, "nothing is offered"
            if label is not None:
                found = next(item for item in items if item.label == label)
                assert isinstance(found.text_edit, types.TextEdit)
                assert text in found.text_edit.new_text
                assert len(apply(before + after, [found.text_edit])) >= len(before)
            else:
                assert any(text in item.label for item in items)

    run(talk())


def test_hovers_and_hints() -> None:
    async def talk() -> None:
        async with connect() as editor:
            uri = "file:///w/adapter_config.json"
            assert codes(await editor.open(uri, JSON)) == [("LC202", 2)]
            assert await editor.hints(uri) == [
                (1, "scaling 2"),
                (2, "1.61 M train"),
                (2, "28"),
                (2, "0"),
            ]
            model = await editor.hover(uri, 0, 60) or ""
            assert "Qwen2ForCausalLM, 197 linear layers" in model
            rank = await editor.hover(uri, 1, 2) or ""
            assert rank.startswith("**r**: int") and "28 modules, 1,605,632 parameters" in rank
            alpha = await editor.hover(uri, 1, 11) or ""
            assert "Here: scaling 2" in alpha
            dead = await editor.hover(uri, 2, 32) or ""
            assert "matches 0 modules of Qwen2ForCausalLM" in dead
            assert await editor.hover(uri, 3, 0) is None

    run(talk())


def test_half_typed_text_hides_nothing_else() -> None:
    """The dead name is told while another key is being typed; nothing of the cursor's own line."""

    async def talk() -> None:
        async with connect() as editor:
            uri = "file:///w/adapter_config.json"
            await editor.open(uri, JSON)
            for typed in (', "lora_dr', ', "lora_dropout"', ', "lora_dropout":', ', "bias": "no'):
                text = JSON.replace('"lora_alpha": 16,', f'"lora_alpha": 16{typed},')
                text = text.replace(f"{typed},", typed)
                assert ("LC202", 2) in codes(await editor.type(uri, text)), typed
                assert {code for code, _ in codes(list(editor.diagnostics[uri].diagnostics))} <= {
                    "LC001",
                    "LC202",
                }
            assert codes(await editor.type(uri, JSON)) == [("LC202", 2)]

    run(talk())


def test_places_are_counted_in_utf_16() -> None:
    async def talk() -> None:
        async with connect() as editor:
            uri = "file:///w/adapter_config.json"
            text = QWEN + '"x😀é": 1, "r": 8, "target_modules": ["q_proj", "gate_porj"]}\n'
            found = await editor.open(uri, text)
            dead = next(one for one in found if one.code == "LC202")
            line = text.split("\n")[1]
            start = len(line[: line.index('"gate_porj"')].encode("utf-16-le")) // 2
            assert (dead.range.start.character, dead.range.end.character) == (start, start + 11)
            hover = await editor.hover(uri, 1, start + 2)
            assert hover is not None and hover.startswith("**gate_porj**")

    run(talk())


def test_a_constant_and_a_comment() -> None:
    async def talk() -> None:
        async with connect() as editor:
            uri = "file:///w/train.py"
            text = (
                "from peft import LoraConfig\n"
                "NAMES = ['q_proj', 'v_proj']\n"
                "config = LoraConfig(r=8, target_modules=NAMES)  # loracheck: ignore[LC]\n"
            )
            await editor.open(uri, text)
            place = types.Position(2, text.split("\n")[2].index("NAMES") + 1)
            params = types.DefinitionParams(types.TextDocumentIdentifier(uri), place)
            found = await editor.client.text_document_definition_async(params)
            assert isinstance(found, types.Location)
            assert found.range.start == types.Position(1, 9)
            items = await editor.complete(uri, 2, len(text.split("\n")[2]) - 1)
            assert "LC202" in {item.label for item in items}

    run(talk())


def test_a_tree_that_takes_long_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A model's folder whose tree is built by transformers, with progress in the editor; here from
    the first moment, for a fork of this process may build it before it counts as long.
    """
    monkeypatch.setattr("loracheck.lsp.lora_server.PATIENCE", 0)
    pytest.importorskip("transformers")
    config = {
        "model_type": "bert",
        "architectures": ["BertModel"],
        "hidden_size": 32 + int.from_bytes(os.urandom(2), "big") * 4,
        "num_attention_heads": 4,
        "num_hidden_layers": 2,
    }
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "config.json").write_text(json.dumps(config))

    async def talk() -> None:
        async with connect(progress=True) as editor:
            uri = (tmp_path / "lora.yaml").as_uri()
            text = (
                "model_name: ./model\nlora: {r: 8, lora_alpha: 16, target_modules: [query, kee]}\n"
            )
            found = await editor.open(uri, text)
            assert [code for code, _ in codes(found)] == ["LC202"]
            assert editor.progress[:1] == ["begin"] and editor.progress[-1:] == ["end"]

    run(talk())


def test_fix_all_takes_what_is_sure(tmp_path: Path) -> None:
    async def talk() -> None:
        async with connect() as editor:
            uri = (tmp_path / "adapter_config.json").as_uri()
            text = QWEN + ' "r": 8, "target_modules": ["q_proj"], "task_type": "causal_lm"}\n'
            await editor.open(uri, text)
            (action,) = await editor.actions(uri, 0, ["source.fixAll"])
            assert action.edit is not None and action.edit.changes is not None
            assert '"CAUSAL_LM"' in apply(text, action.edit.changes[uri])
            assert await editor.actions(uri, 0, ["refactor"]) == []

    run(talk())


def test_settings_of_the_editor_and_of_the_repository(tmp_path: Path) -> None:
    async def talk() -> None:
        async with connect({"model": "microsoft/Phi-3-mini-4k-instruct"}) as editor:
            uri = (tmp_path / "adapter_config.json").as_uri()
            found = await editor.open(uri, JSON)
            assert len([one for one in found if "Phi3ForCausalLM" in one.message]) == 1
            change = types.DidChangeConfigurationParams({"loracheck": {"ignore": ["LC2"]}})
            editor.client.workspace_did_change_configuration(change)
            assert codes(await editor.type(uri, JSON + "\n")) == []
            change = types.DidChangeConfigurationParams({"selekt": 3, "model": 4})
            editor.client.workspace_did_change_configuration(change)
            assert codes(await editor.type(uri, JSON)) == [("LC202", 2)]
            assert any("selekt" in words for words in editor.said)
            (tmp_path / "loracheck.toml").write_text('ignore = ["LC202"]\n')
            editor.client.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams([]))
            assert codes(await editor.type(uri, JSON + "\n")) == []
            (tmp_path / "loracheck.toml").write_text("ignore = 3\n")
            editor.client.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams([]))
            assert codes(await editor.type(uri, JSON)) == [("LC202", 2)]
            assert any("ignore" in words for words in editor.said)

    run(talk())


def test_weights_beside_a_file_count(tmp_path: Path) -> None:
    async def talk() -> None:
        (tmp_path / "adapter_config.json").write_text(JSON)
        (tmp_path / "adapter_model.safetensors").write_bytes(b"nothing")
        async with connect() as editor:
            found = await editor.open((tmp_path / "adapter_config.json").as_uri(), JSON)
            assert "LC601" in {code for code, _ in codes(found)}

    run(talk())


def test_texts_without_a_file_and_other_files() -> None:
    async def talk() -> None:
        async with connect() as editor:
            assert codes(await editor.open("untitled:Untitled-1", AXOLOTL, "yaml")) == [
                ("LC202", 5)
            ]
            assert await editor.open("file:///w/other.json", '{"a": ') == []
            assert codes(await editor.open("file:///w/b.json", '{"lora_alpha": ')) == [("LC001", 0)]
            await no_answer(editor, "file:///w/readme.md")
            closed = types.DidCloseTextDocumentParams(
                types.TextDocumentIdentifier("untitled:Untitled-1")
            )
            editor.client.text_document_did_close(closed)
            assert await editor.hover("untitled:Untitled-1", 0, 0) is None
            assert not editor.diagnostics["untitled:Untitled-1"].diagnostics

    run(talk())


async def no_answer(editor: Editor, uri: str) -> None:
    """A text that is not loracheck's: nothing is said, and every question gets an empty answer."""
    item = types.TextDocumentItem(uri, "markdown", 1, "lora_alpha: 8")
    editor.client.text_document_did_open(types.DidOpenTextDocumentParams(item))
    assert await editor.complete(uri, 0, 3) == []
    assert await editor.hints(uri) == []
    assert uri not in editor.diagnostics


def test_places_outside_of_the_text_and_versions_that_go_back() -> None:
    async def talk() -> None:
        async with connect() as editor:
            uri = "file:///w/adapter_config.json"
            await editor.open(uri, JSON)
            for line, character in ((0, 10**6), (10**6, 0), (2**31 - 1, 2**31 - 1)):
                await editor.hover(uri, line, character)
                await editor.complete(uri, line, character)
            assert await editor.actions(uri, 2) != []
            place = types.VersionedTextDocumentIdentifier(-5, uri)
            change = types.TextDocumentContentChangeWholeDocument("{")
            editor.client.text_document_did_change(
                types.DidChangeTextDocumentParams(place, [change])
            )
            unknown = types.VersionedTextDocumentIdentifier(3, "file:///w/never_opened.json")
            editor.client.text_document_did_change(
                types.DidChangeTextDocumentParams(unknown, [change])
            )
            assert codes(await editor.type(uri, JSON)) == [("LC202", 2)]

    run(talk())
