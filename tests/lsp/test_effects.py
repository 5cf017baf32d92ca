"""The outline, what the settings do, the page about it, and the files that are not open."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("pygls")

from pygls.exceptions import JsonRpcException

import loracheck
from loracheck.lsp.effect_requests import EFFECTS, EXPLAIN, PAGE
from loracheck.lsp.workspace_requests import CHECK

from .client import connect

TEXT = """\
# a run
base_model: microsoft/Phi-3-mini-4k-instruct
adapter: lora
lora_r: 16
lora_alpha: 32
lora_target_modules:
  - o_proj
  - down_proj
"""
URI = "file:///work/lora.yaml"


def run(talk: Coroutine[Any, Any, None]) -> None:
    asyncio.run(talk)


def plain(value: Any) -> Any:
    return json.loads(json.dumps(value, default=lambda one: one._asdict()))


def test_a_lens_says_what_a_setting_does() -> None:
    async def talk() -> None:
        async with connect() as editor:
            await editor.open(URI, TEXT, "yaml")
            (lens,) = await editor.lenses(URI)
            plan = loracheck.check(TEXT, name="lora.yaml").plan
            assert plan is not None and plan.trainable is not None and plan.total is not None
            assert lens.command is not None
            share = f"{plan.trainable / plan.total:.4%}".replace("%", " %")
            words = f"LoRA in 64 modules, 8.91 M parameters train ({share})"
            assert lens.command.title == f"{words}: explain"
            found = plain(await editor.run(lens.command.command, *(lens.command.arguments or ())))
            assert found == plain(await editor.ask(EFFECTS, {"uri": URI}))
            assert (found[0]["trainable"], found[0]["total"]) == (plan.trainable, plan.total)
            assert words in editor.said
            page = await editor.ask(PAGE, {"uri": URI})
            assert page.startswith("<!doctype html>") and "64 of 128" in page

    run(talk())


def test_other_texts_and_wrong_questions_are_answered() -> None:
    async def talk() -> None:
        async with connect() as editor:
            texts = {
                "refused": TEXT.replace("lora_r: 16", "lora_r: 16\npeft_use_rslora: x"),
                "unknown": TEXT.replace("microsoft/Phi-3-mini-4k-instruct", "no/such-model"),
                "none": "a: 1\n",
                "broken": "lora_r: [\n",
            }
            for name, text in texts.items():
                await editor.open(f"file:///w/{name}.yaml", text, "yaml")
            told = {name: await editor.lenses(f"file:///w/{name}.yaml") for name in texts}
            assert "of a model that is not known here" in str(told["unknown"])
            assert (told["none"], told["broken"]) == ([], [])
            for name in ("none", "broken"):
                assert await editor.symbols(f"file:///w/{name}.yaml") == []
            for params in (None, {}, {"uri": 3}, {"uri": "file:///not/open"}):
                assert await editor.ask(EFFECTS, params) == []
                assert await editor.ask(PAGE, params) is None
            assert await editor.run(EXPLAIN, "file:///not/open") == []
            with pytest.raises(JsonRpcException):
                await editor.run(EXPLAIN)
            assert await editor.lenses("file:///not/open") == []
            await editor.open(URI, TEXT, "yaml")
            assert len(await editor.lenses(URI)) == 1

    run(talk())


def test_the_outline_has_each_field_at_its_place() -> None:
    async def talk() -> None:
        async with connect() as editor:
            await editor.open(URI, TEXT, "yaml")
            (setting,) = await editor.symbols(URI)
            assert setting.name == "LoRA (axolotl)"
            assert setting.detail == "microsoft/Phi-3-mini-4k-instruct"
            lines = TEXT.split("\n")
            names = []
            for child in setting.children or ():
                names.append(child.name)
                place = child.selection_range
                row = lines[place.start.line]
                assert row[place.start.character : place.end.character] == child.name
                assert setting.range.start <= child.range.start <= child.range.end
                assert child.range.end <= setting.range.end
            assert names[0] == "base_model"
            assert {"lora_r", "lora_alpha", "lora_target_modules"} <= set(names)

    run(talk())


WRONG = TEXT.replace("o_proj", "q_proj")


def write(folder: Path) -> None:
    (folder / "deep").mkdir()
    (folder / "deep" / "a b.yaml").write_text(WRONG, "utf-8")
    (folder / "good.yaml").write_text(TEXT, "utf-8")
    (folder / "other.yaml").write_text("a: [\n", "utf-8")


def test_files_that_are_not_open_are_told_where_that_is_wanted(tmp_path: Path) -> None:
    write(tmp_path)
    uri = (tmp_path / "deep" / "a b.yaml").as_uri()

    async def talk() -> None:
        async with connect({"workspace": True}, folder=tmp_path) as editor:
            await editor.wait_for(lambda: uri in editor.diagnostics)
            (found,) = editor.diagnostics[uri].diagnostics
            assert (found.code, found.range.start.line) == ("LC202", 6)
            assert set(editor.diagnostics) == {uri}
            assert await editor.open(uri, TEXT, "yaml") == []
            await editor.close(uri)
            await editor.wait_for(lambda: len(editor.diagnostics[uri].diagnostics) == 1)
            (tmp_path / "deep" / "a b.yaml").write_text(TEXT, "utf-8")
            assert await editor.run(CHECK) == 0
            await editor.wait_for(lambda: not editor.diagnostics[uri].diagnostics)

    run(talk())


def test_elsewhere_they_are_told_by_the_command(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "loracheck.toml").write_text("[wrong", "utf-8")

    async def talk() -> None:
        async with connect(folder=tmp_path) as editor:
            assert await editor.run(CHECK) == 0
            assert any("loracheck.toml" in words for words in editor.said)
            (tmp_path / "loracheck.toml").write_text("", "utf-8")
            assert await editor.run(CHECK) == 1

    run(talk())
