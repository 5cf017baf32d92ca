"""PEFT's other methods: the names of their targets, with real PEFT as the judge."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

import pytest

from bench.oracle.methods import run_method
from bench.peft_methods import NEEDED, read_methods
from bench.peft_methods import wrap as wrap_small_model
from bench.peft_module_kinds import keep_quantized_kinds, read_kinds
from loracheck.config.check_method import check_method
from loracheck.config.method_fields import load_fields
from loracheck.config.methods import Method, load_methods
from loracheck.config.module_kinds import PATH
from loracheck.documents.python.known_calls import METHOD_CONFIGS
from loracheck.options.lint_settings import LintSettings
from loracheck.pipeline import check_file
from loracheck.rules import list_all_rules

SETTINGS = LintSettings(frozenset(rule.code for rule in list_all_rules()))
TARGETS: tuple[dict[str, Any], ...] = (
    {"target_modules": ["q_proj", "v_proj"]},
    {"target_modules": ["query"]},
    {"target_modules": r".*\.layers\.0\..*q_proj"},
    {"target_modules": r"q_proj"},
    {"target_modules": ["q_proj"], "exclude_modules": ["q_proj"]},
)
NOT_COMPARED = frozenset({"ADAMSS", "FROD"})
"""Methods that need another package, or weights with numbers in them."""
JUDGED = [method for method in load_methods().values() if method.fields]


def test_the_table_is_peft_s() -> None:
    own = {name: [one.config, list(one.fields)] for name, one in load_methods().items()}
    assert own == read_methods()
    assert {one.config for one in load_methods().values()} == METHOD_CONFIGS


@pytest.mark.parametrize("method", JUDGED, ids=lambda method: method.name)
def test_what_matches_nothing_is_what_peft_refuses(method: Method) -> None:
    compared = 0
    for targets in TARGETS:
        if set(targets) <= set(method.fields):
            outcome = wrap(method, targets)
            if outcome is None:
                continue  # refused for another reason than its names
            text = json.dumps(
                {
                    "peft_type": method.name,
                    "base_model_name_or_path": "Qwen/Qwen2.5-0.5B",
                    "task_type": "CAUSAL_LM",
                    **NEEDED.get(method.name, {}),
                    **targets,
                }
            )
            path = "adapter_config.json"
            found = check_file(path, path, SETTINGS, text).findings
            assert ("LC201" in {one.code for one in found}) is not outcome, (targets, found)
            assert all("LoRA" not in one.message.replace("AdaLoRA", "") for one in found)
            compared += 1
    assert compared or method.name in NOT_COMPARED


def wrap(method: Method, targets: dict[str, Any]) -> bool | None:
    """Whether PEFT finds a module; None where it refuses the config for another reason."""
    import peft
    import torch
    from transformers import Qwen2Config, Qwen2ForCausalLM

    sizes = {"hidden_size": 32, "intermediate_size": 64, "num_attention_heads": 4}
    config = Qwen2Config(num_hidden_layers=2, num_key_value_heads=4, vocab_size=64, **sizes)
    with torch.device("meta"):
        model = Qwen2ForCausalLM(config)
    cls = getattr(peft, method.config, None)
    if cls is None:
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            made = cls(task_type="CAUSAL_LM", **NEEDED.get(method.name, {}), **targets)
            peft.get_peft_model(model, made, low_cpu_mem_usage=False)
        except ValueError as error:
            text = str(error)
            no_match = "not found in the base model" in text or "No modules were targeted" in text
            return False if no_match else None
        except (ImportError, NotImplementedError, RuntimeError, TypeError):
            return None
    return True


def test_the_kinds_of_modules_are_those_that_peft_refuses() -> None:
    with open(PATH, encoding="utf-8") as file:
        table = json.load(file)
    quantized = keep_quantized_kinds()
    plain = {
        name: [row for row in rows if row not in quantized[name]] for name, rows in table.items()
    }
    assert plain == read_kinds()


QUANTIZED = """from peft import {0}, get_peft_model
from transformers import AutoModelForCausalLM
model = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-0.5B", load_in_{1}bit=True)
model = get_peft_model(model, {0}({2}target_modules=["{3}"]))
"""


@pytest.mark.parametrize(
    ("config", "bits", "target", "told"),
    [
        ("LoHaConfig", 4, "q_proj", "LOHA does not work on bitsandbytes-4bit layers: the first"),
        ("DeloraConfig", 8, "q_proj", "DELORA does not work on bitsandbytes-8bit layers: the wrap"),
        ("LoHaConfig", 8, "q_proj", None),
        ("LoHaConfig", 4, "lm_head", None),
        ("VeraConfig", 4, "q_proj", None),
        ("AdaLoraConfig", 4, "q_proj", None),
    ],
)
def test_a_method_that_fails_on_packed_weights_is_told(
    config: str, bits: int, target: str, told: str | None
) -> None:
    more = "total_step=100, " if config == "AdaLoraConfig" else ""
    text = QUANTIZED.format(config, bits, more, target)
    found = [
        one for one in check_file("a.py", "a.py", SETTINGS, text).findings if one.code == "LC230"
    ]
    assert [one.span.line for one in found] == ([4] if told else [])
    assert all(one.message.startswith(str(told)) for one in found)


@pytest.mark.parametrize("name", ["LOHA", "VERA", "OFT", "IA3", "C3A", "LN_TUNING"])
def test_a_module_that_a_method_refuses_is_refused(name: str) -> None:
    assert run_method(name, 4, seed=5) == 0


def test_a_refused_module_is_told_in_the_words_of_peft() -> None:
    text = (
        '{"peft_type": "%s", "base_model_name_or_path": "openai-community/gpt2",\n'
        '"target_modules": ["c_attn", "wte"], "init_weights": true}'
    )
    path = "adapter_config.json"
    (one,) = check_file(path, path, SETTINGS, text % "PVERA").findings
    assert (one.code, one.message) == (
        "LC206",
        "`transformer.wte` is an Embedding, which PVERA cannot wrap",
    )
    assert any("PEFT says: Target module Embedding is not supported" in n for n in one.notes)
    hira = check_file(path, path, SETTINGS, text % "HIRA").findings
    assert "LC206" not in {one.code for one in hira}


def test_adalora_is_refused_where_peft_refuses_it() -> None:
    assert run_method("ADALORA", 15, seed=3) == 0


ADALORA = """from peft import AdaLoraConfig, BOFTConfig, LoHaConfig
one = AdaLoraConfig(total_step=100, tinit=50, tfinal=50, target_modules=["q_proj"])
two = AdaLoraConfig(total_step=100, r=16, lora_aplha=3)
three = AdaLoraConfig(target_r=8, **options)
four = LoHaConfig(r=0, alpha="8", lora_dropout=0.1)
five = BOFTConfig(boft_block_num=8)
six = BOFTConfig(boft_block_num=8, boft_block_size=0)
seven = BOFTConfig(boft_block_size=0)
"""


def test_fields_of_other_methods_are_theirs() -> None:
    found = [
        (one.code, one.span.line) for one in check_file("a.py", "a.py", SETTINGS, ADALORA).findings
    ]
    named = [one for one in found if one[0] != "LC003"]
    assert named == [
        *(("LC105", 2), ("LC101", 3), ("LC104", 5), ("LC102", 5), ("LC101", 5)),
        *(("LC105", 6), ("LC105", 8)),
    ]
    text = '{"peft_type": "ADALORA", "total_step": 100, "r": 16, "target_modules": ["q_proj"]}'
    (one,) = (
        one
        for one in check_file("adapter_config.json", "a", SETTINGS, text).findings
        if one.code != "LC003"
    )
    assert (one.code, one.severity) == ("LC106", "warning")


ALONE = """from peft import IA3Config, OFTConfig
one = IA3Config(target_modules=["k_proj"], feedforward_modules=["down_proj", "up_proj"])
two = IA3Config(target_modules=["k_proj", name], feedforward_modules=["down_proj"])
three = IA3Config(target_modules=("k_proj",), feedforward_modules=["down_proj"])
four = IA3Config(target_modules="k_proj", feedforward_modules=["down_proj"])
five = IA3Config(target_modules=["k_proj", "down_proj"], feedforward_modules=["down_proj"])
six = OFTConfig(r=8, oft_block_size=4)
seven = OFTConfig(r=8)
eight = OFTConfig(r=0, oft_block_size=0)
nine = OFTConfig(r=8, oft_block_size=0)
"""


def test_a_script_of_another_method_alone_is_read() -> None:
    found = check_file("a.py", "a.py", SETTINGS, ALONE).findings
    conflicts = {one.span.line: one.message for one in found if one.code == "LC105"}
    assert sorted(conflicts) == [2, 7, 9]
    assert conflicts[2].startswith("`down_proj` and `up_proj` of `feedforward_modules` are not in")
    cell = {"cell_type": "code", "metadata": {}, "outputs": [], "source": ALONE}
    notebook = json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
    in_cell = check_file("a.ipynb", "a.ipynb", SETTINGS, notebook).findings
    assert [one.code for one in in_cell].count("LC105") == 3


@pytest.mark.parametrize("name", ["IA3", "OFT"])
def test_conflicts_of_a_method_are_those_that_peft_refuses(name: str) -> None:
    assert run_method(name, 20, seed=11) == 0


def test_a_method_in_small_letters_is_none_that_peft_knows(tmp_path: Path) -> None:
    from peft import PeftConfig

    file = tmp_path / "adapter_config.json"
    text = '{"peft_type": "%s", "target_modules": ["q_proj"]}'
    file.write_text(text % "loha", "utf-8")
    with pytest.raises(KeyError):
        PeftConfig.from_pretrained(str(tmp_path))
    for method, count in (("loha", 1), ("LOHA", 0)):
        found = check_file(file.name, file.name, SETTINGS, text % method).findings
        assert [one.code for one in found].count("LC103") == count


def test_a_call_is_read_as_the_file_is() -> None:
    text = (
        "from peft import LoHaConfig, get_peft_model\n"
        "from transformers import AutoModelForCausalLM\n"
        'model = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-0.5B")\n'
        'model = get_peft_model(model, LoHaConfig(r=8, target_modules=["query", "value"]))\n'
    )
    (one,) = check_file("a.py", "a.py", SETTINGS, text).findings
    assert (one.code, one.span.line) == ("LC201", 4)
    assert "LoRA" not in one.message


def test_prompts_are_named_and_passed_over(tmp_path: Path) -> None:
    from click.testing import CliRunner

    from loracheck.cli import cli

    file = tmp_path / "adapter_config.json"
    file.write_text('{"peft_type": "PROMPT_TUNING", "num_virtual_tokens": 8}', "utf-8")
    result = CliRunner().invoke(cli, ["check", "--isolated", str(file)])
    assert result.exit_code == 0
    assert "PROMPT_TUNING is not judged by loracheck" in result.stderr


@pytest.mark.parametrize(
    ("values", "code", "told"),
    [
        ('"task_type": "CAUSALLM"', "LC103", "write 'CAUSAL_LM'"),
        ('"bias": "All"', "LC103", "write 'all'"),
        ('"bias": "vera_only"', None, ""),
        ('"target_modules": "q_proj,v_proj"', "LC102", "write a list: ['q_proj', 'v_proj']"),
        ('"target_modules": ["all-linear"]', "LC204", '"target_modules": "all-linear"'),
        ('"r": 8, "r": 16', "LC002", ""),
        ('"use_rslroa": false', "LC101", "did you mean"),
        ('"key_of_an_old_release": false', None, ""),
    ],
)
def test_a_slip_is_told_of_every_method(values: str, code: str | None, told: str) -> None:
    text = '{"peft_type": "VERA", "target_modules": ["q_proj"], %s}'
    if "rslora" in values or "rslroa" in values:
        text = text.replace("VERA", "ADALORA").replace("{", '{"total_step": 100, ')
    if "target_modules" in values:
        text = text.replace('"target_modules": ["q_proj"], ', "")
    found = check_file("adapter_config.json", "a", SETTINGS, text % values).findings
    named = [one for one in found if one.code != "LC003"]
    assert [one.code for one in named] == ([code] if code else [])
    assert all(told in (one.help or "") for one in named)


@pytest.mark.parametrize("method", JUDGED, ids=lambda method: method.name)
@pytest.mark.parametrize("field", [("bias", "All"), ("bias", "other_only"), ("task_type", "CLM")])
def test_a_text_is_refused_where_peft_refuses_it(method: Method, field: tuple[str, str]) -> None:
    if wrap_small_model(method.name, {}) is not None:
        return  # refused without the text as well
    name, value = field
    outcome = wrap_small_model(method.name, {name: value})
    if name not in load_fields(method.name):
        assert outcome == "raises"
        return
    values = {"target_modules": ["q_proj"], **NEEDED.get(method.name, {}), name: value}
    issues = [one for one in check_method(method, values) if one.path == (name,)]
    assert [one.kind for one in issues] == (["bad-choice"] if outcome else [])
