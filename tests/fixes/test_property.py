"""Whatever the style of the file: a fix leaves a file that parses, without the finding, and with
every other value and every comment as it was.
"""

from __future__ import annotations

import json
import re
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from loracheck.documents import read
from loracheck.fixes.verify import is_same_value
from loracheck.pipeline import check_file
from tests.examples import examples

from .test_cases import ALL, mended

PHI3 = "microsoft/Phi-3-mini-4k-instruct"
FAULTS: dict[str, dict[str, list[Any]]] = {
    "r": {"r": [8], "wrong": ["16", "8", 16.0]},
    "lora_dropout": {"r": [0.05], "wrong": ["0.1", "5e-2", "1e-5"]},
    "use_rslora": {"r": [False], "wrong": ["false", "true"]},
    "task_type": {"r": ["CAUSAL_LM"], "wrong": ["causal_lm", "SeqCls", "QUESTION_ANSWERING"]},
    "bias": {"r": ["none"], "wrong": ["NONE", "Lora_Only"]},
    "modules_to_save": {"r": [["lm_head"]], "wrong": [[""], ["", "lm_head"], ["lm_head", ""]]},
    "target_modules": {
        "r": [["qkv_proj", "o_proj"]],
        "wrong": [
            ["all-linear"],
            ["o_proj", "q_proj", "k_proj", "v_proj"],
            ["gate_proj", "o_proj", "up_proj"],
            ["q_proj", "v_proj"],
            ["o_proj", r".*\.qkv_proj"],
        ],
    },
}
KEYS = {"lora_alpha": ["lora_alpha", "alpha", "lora_aplha"], "use_dora": ["use_dora", "dora"]}
REMARKS = st.sampled_from(["", "", "", "  # why", "  # a: 'b' \"c\""])


@st.composite
def configs(draw: st.DrawFn) -> dict[str, Any]:
    """A config with some faults, each of which has a fix."""
    config: dict[str, Any] = {"base_model_name_or_path": PHI3}
    for name, values in FAULTS.items():
        config[name] = draw(st.sampled_from(values["r"] + values["wrong"]))
    config[draw(st.sampled_from(KEYS["lora_alpha"]))] = draw(st.sampled_from([16, "16"]))
    config[draw(st.sampled_from(KEYS["use_dora"]))] = False
    order = draw(st.permutations(list(config)))
    return {name: config[name] for name in order}


@st.composite
def as_json(draw: st.DrawFn) -> tuple[str, str]:
    config = {"peft_type": "LORA", **draw(configs())}
    indent = draw(st.sampled_from([None, 0, 2, 4, "\t"]))
    separators = draw(st.sampled_from([(",", ":"), (", ", ": "), (" , ", " : ")]))
    text = json.dumps(config, indent=indent, separators=separators)
    return "adapter_config.json", text + draw(st.sampled_from(["", "\n"]))


def scalar(value: Any, quote: str) -> str:
    if isinstance(value, str):
        plain = re.fullmatch(r"[A-Za-z][\w-]*(/[\w-]+)?", value) and value not in ("false", "true")
        if plain and not quote:
            return value
        return json.dumps(value) if quote == '"' else "'" + value + "'"
    return json.dumps(value)


@st.composite
def as_yaml(draw: st.DrawFn) -> tuple[str, str]:
    lines = ["# first", "lora:" + draw(REMARKS)]
    pad = " " * draw(st.sampled_from([2, 4]))
    for name, value in draw(configs()).items():
        quote = draw(st.sampled_from(["", "'", '"']))
        if not isinstance(value, list):
            lines.append(f"{pad}{name}: {scalar(value, quote)}{draw(REMARKS)}")
        elif draw(st.booleans()):
            items = ", ".join(scalar(item, quote) for item in value)
            lines.append(f"{pad}{name}: [{items}]{draw(REMARKS)}")
        else:
            inner = pad + draw(st.sampled_from(["", "  "]))
            lines.append(f"{pad}{name}:{draw(REMARKS)}")
            lines += [f"{inner}- {scalar(item, quote)}{draw(REMARKS)}" for item in value]
    lines += ["other: {r: '16', task_type: causal_lm}", "# last"]
    return "lora.yaml", draw(st.sampled_from(["\n", "\r\n"])).join(lines)


def literal(value: Any, quote: str) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(literal(item, quote) for item in value) + "]"
    if isinstance(value, str):
        return ("r" if "\\" in value else "") + quote + value + quote
    return repr(value)


@st.composite
def as_python(draw: st.DrawFn) -> tuple[str, str]:
    quote = draw(st.sampled_from(["'", '"']))
    rows = [f"{n}={literal(v, quote)}" for n, v in draw(configs()).items()]
    if draw(st.booleans()):
        body = ", ".join(rows)
    else:
        body = "\n" + "".join(f"    {row},{draw(REMARKS)}\n" for row in rows)
    end = draw(st.sampled_from(["\n", "\r\n"]))
    text = f"from peft import LoraConfig\n# before\nconfig = LoraConfig({body})\nr = '16'\n"
    return "train.py", text.replace("\n", end)


def remarks(text: str) -> list[str]:
    return re.findall(r"# \w+|# a: 'b' \"c\"", text)


def values(name: str, text: str) -> dict[str, Any]:
    root = read(name, text).roots[0]
    return dict(root["lora"]) if "lora" in root else dict(root)


@examples(150)
@given(as_json() | as_yaml() | as_python(), st.booleans())
def test_a_fix_mends_one_thing_and_changes_no_other(file: tuple[str, str], unsafe: bool) -> None:
    name, text = file
    found = mended(name, text, unsafe=unsafe)
    again = mended(name, found.text, unsafe=unsafe)
    assert (again.text, again.applied) == (found.text, ())
    assert remarks(found.text) == remarks(text)
    before, after = values(name, text), values(name, found.text)
    touched = {f.field for f in found.applied} | {"lora_alpha", "use_dora"}
    renamed = {"alpha", "lora_aplha", "dora"}
    for key, value in before.items():
        if key not in touched | renamed:
            assert is_same_value(value, after[key]), key
    assert not set(after) - set(before) - {"lora_alpha", "use_dora"}
    left = {(f.code, f.field) for f in check_file(name, name, ALL, found.text.encode()).findings}
    for finding in found.applied:
        if finding.fix and finding.fix.safe:
            assert (finding.code, finding.field) not in left
    # Scalars stand on one line, so nothing can be in their way.
    assert not left & {("LC102", "r"), ("LC102", "lora_dropout"), ("LC103", "bias")}
    if unsafe:
        assert not left & {("LC101", key) for key in renamed}


@examples(40)
@given(as_json() | as_yaml() | as_python())
def test_what_is_not_asked_for_is_not_done(file: tuple[str, str]) -> None:
    name, text = file
    assert all(f.fix and f.fix.safe for f in mended(name, text, unsafe=False).applied)
