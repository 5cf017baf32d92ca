"""The schemas in yaml-language-server and vscode-json-languageservice, which editors use: a slip is
told as a sentence, at its key; both drafts say the same; what is right is passed over.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml
from jsonschema import Draft7Validator, Draft202012Validator

from dev import schemastore
from dev.tool_cases import read_cases
from loracheck.config.schema import build_config_schema as config_schema
from loracheck.tools.core.index import list_tools_with_files
from loracheck.tools.core.schema import build_tool_schema as dialect_schema
from tests import node

HERE = Path(__file__).parent
TOOLS = list_tools_with_files()
FILES = schemastore.make_files()
NEW = {name: dialect_schema(name) for name in TOOLS}
OLD = {f"{name}-07": json.loads(FILES[f"{name}-lora.json"]) for name in TOOLS}
SCHEMAS = {
    **NEW,
    **OLD,
    "adapter": json.loads(FILES["peft-adapter-config.json"]),
    "lora_config": config_schema("lora_config"),
}
SENTENCE = re.compile(r"[A-Z`].*\.", re.DOTALL)


class Slip(NamedTuple):
    """A file with one thing wrong in it."""

    tool: str
    text: str
    mark: str
    """The text that is to be marked."""

    said: str
    """A regular expression for what is said."""


@pytest.fixture(scope="module")
def ask(request: pytest.FixtureRequest) -> Callable[[list[dict[str, str]]], list[Any]]:
    """What the services say of each case (`schema`, `language`, `text`)."""
    modules = node.install(HERE, request)

    def run(cases: list[dict[str, str]]) -> list[Any]:
        return node.run_script(HERE / "diagnose.mjs", modules, {"schemas": SCHEMAS, "cases": cases})

    return run


def test_the_folder_for_the_store_is_current() -> None:
    kept = {path.name: path.read_text("utf-8") for path in schemastore.FOLDER.iterdir()}
    assert kept == FILES


@pytest.mark.parametrize("name", sorted(set(FILES) - {"catalog.json", "options.json"}))
def test_a_twin_is_of_draft_07(name: str) -> None:
    twin = json.loads(FILES[name])
    Draft7Validator.check_schema(twin)
    assert twin["$schema"] == "http://json-schema.org/draft-07/schema#"
    assert twin["$id"] == f"https://www.schemastore.org/{name}"
    text = json.dumps(twin)
    assert not re.search(r'"(\$defs|prefixItems|unevaluated\w+|dependent\w+)"', text)
    assert all(set(part) == {"$ref"} for part in _objects(twin) if "$ref" in part)


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
    for inner in value.values() if isinstance(value, dict) else value:
        if isinstance(inner, (dict, list)):
            yield from _objects(inner)


def test_every_schema_has_an_entry_whose_files_are_no_other_s() -> None:
    entries = json.loads(FILES["catalog.json"])["schemas"]
    urls = {json.loads(text).get("$id") for text in FILES.values()} - {None}
    assert {entry["url"] for entry in entries} == urls
    matches = [match for entry in entries for match in entry.get("fileMatch", ())]
    assert len(matches) > len(TOOLS)
    assert len(matches) == len(set(matches))
    assert all("schema" not in entry["description"] for entry in entries)


def test_another_method_s_adapter_is_passed_over() -> None:
    twin = Draft7Validator(SCHEMAS["adapter"])
    assert twin.is_valid({"peft_type": "LOHA", "rank_dropout": 0.1, "r": 8})
    assert not twin.is_valid({"peft_type": "LORA", "rank_dropout": 0.1, "r": 8})


def _slips() -> Iterator[Slip]:
    for tool in TOOLS:
        for path, block in _blocks(NEW[tool], ()):
            names = block.get("propertyNames") or block.get("else", {}).get("propertyNames")
            if names:
                begin = re.search(r"begin with `(\w+)`", names["patternErrorMessage"])
                key = (begin[1] if begin else "") + "aplha"
                yield Slip(tool, _write(path, key, 1), f'"{key}"', r"This is no key of .+\.")
            for key, leaf in block.get("properties", {}).items():
                kinds = set(leaf.get("type", ())) & {"integer", "number"}
                if "description" not in leaf or not kinds:
                    continue
                yield Slip(tool, _write(path, key, True), "true", rf"`{key}` takes .+\.")
                if "pattern" in leaf:
                    yield Slip(tool, _write(path, key, "8x"), '"8x"', rf"`{key}` takes .+\.")
                if "minimum" in leaf:
                    low = leaf["minimum"] - 1
                    yield Slip(tool, _write(path, key, low), str(low), r"Value is below .+\.")


def _blocks(node: dict[str, Any], path: tuple[str, ...]) -> Iterator[tuple[Any, dict[str, Any]]]:
    """The mappings that a schema describes, with the way to each."""
    yield path, node
    for key, inner in node.get("properties", {}).items():
        if "description" not in inner:
            yield from _blocks(inner, (*path, key))
    if "properties" in node.get("items", {}):
        yield from _blocks(node["items"], (*path, "[]"))


def _write(path: tuple[str, ...], key: str, value: Any) -> str:
    """A file with that key at the end of the way, as JSON, which is YAML too."""
    text = json.dumps({key: value})
    for step in reversed(path):
        text = f"[{text}]" if step == "[]" else f"{{{json.dumps(step)}: {text}}}"
    return text


def test_each_slip_is_told_in_a_sentence_at_its_place(ask: Any) -> None:
    slips = list(_slips())
    assert {slip.tool for slip in slips} == set(TOOLS)
    assert len(slips) > 200
    for language in ("yaml", "json"):
        for suffix in ("", "-07"):
            cases = [
                {"schema": slip.tool + suffix, "language": language, "text": slip.text}
                for slip in slips
            ]
            for slip, found in zip(slips, ask(cases), strict=True):
                assert len(found) == 1, (slip, language, suffix, found)
                (line, start, end, message), *_ = found
                assert line == 0
                assert slip.text[start:end] == slip.mark, (slip, language, message)
                assert re.fullmatch(slip.said, message), (slip, language, message)


def test_what_is_right_is_passed_over(ask: Any) -> None:
    """The cases of the tools' modules, as far as the schema takes them, and values in every way
    that the tool takes them.
    """
    cases = []
    for case in read_cases():
        language = Path(case.file).suffix[1:].replace("yml", "yaml")
        if case.tool not in TOOLS or language not in ("yaml", "json"):
            continue
        values = [_plain(part) for part in yaml.safe_load_all(case.text)]
        if all(Draft202012Validator(NEW[case.tool]).is_valid(value) for value in values):
            cases += [
                {"schema": case.tool + suffix, "language": language, "text": case.text}
                for suffix in ("", "-07")
            ]
    assert len(cases) > 40
    first, *rest = ("axolotl", "oumi", "kohya", "trl")
    cases += [
        {"schema": first, "language": "yaml", "text": "lora_r: '8'\nlora_alpha: ${ALPHA}\n"},
        {"schema": first, "language": "yaml", "text": "lora_fan_in_fan_out: yes\nlora_dropout: 0"},
        {"schema": rest[0], "language": "yaml", "text": "a: &a {lora_r: 8}\npeft:\n  <<: *a\n"},
        {"schema": rest[1], "language": "yaml", "text": "network_arguments: {network_dim: 8}"},
        {"schema": rest[2], "language": "yaml", "text": "lora_r: 8\nlearning_rate: 1e-4\n"},
    ]
    for case_, found in zip(cases, ask(cases), strict=True):
        assert found == [], (case_, found)


def _plain(value: Any) -> Any:
    return json.loads(json.dumps(value, default=str))


def test_other_messages_are_sentences_too(ask: Any) -> None:
    texts = {
        "lora_config": ['{"lora_aplha": 8}', '{"r": 0}', '{"lora_dropout": 2}', '{"bias": "All"}'],
        "adapter": ['{"peft_type": "LORA", "lora_aplha": 8}', '{"peft_type": "LORA", "r": "8"}'],
    }
    cases = [
        {"schema": name, "language": language, "text": text}
        for name, group in texts.items()
        for text in group
        for language in ("yaml", "json")
    ]
    for case, found in zip(cases, ask(cases), strict=True):
        assert [bool(SENTENCE.fullmatch(row[3])) for row in found] == [True], (case, found)


def test_the_words_of_a_field_are_offered(ask: Any) -> None:
    (found,) = ask([{"schema": "oumi", "language": "complete", "text": "peft:\n  lora_bias: "}])
    assert {"none", "all", "lora_only"} <= set(found)


def test_the_store_s_validator_takes_every_twin(ask: Any) -> None:
    names = [*OLD, "adapter"]
    ask([{"schema": name, "language": "compile", "text": ""} for name in names])
