"""Whatever the PEFT release: nothing is said of a field that the file does not have."""

from __future__ import annotations

import re

import pytest

from dev.tool_cases import ToolCase, read_cases
from loracheck.config.field_table import get_lora_fields
from loracheck.documents import read
from loracheck.options.lint_settings import LintSettings
from loracheck.pipeline import build_contexts, check_file
from loracheck.pipeline.findings import find_problems
from loracheck.rules import list_all_rules

RELEASES = ("0.11", "0.12", "0.13", "0.14", "0.15", "0.16", "0.17", "0.18", "0.19", "0.20", "0.21")
CODES = frozenset(rule.code for rule in list_all_rules())
ABOUT_FIELDS = ("LC101", "LC102", "LC103", "LC104", "LC105", "LC106")


@pytest.mark.parametrize("case", read_cases(), ids=lambda case: case.name)
def test_no_finding_on_a_field_that_the_tool_sets_itself(case: ToolCase) -> None:
    document = read(case.file, case.text)
    for release in RELEASES:
        settings = LintSettings(CODES, peft=release)
        contexts = build_contexts(document, settings)
        for context in contexts:
            own = {*context.setting.places, *context.setting.unknown_keys}
            for finding in find_problems(document, [context], settings, case.file):
                name = (finding.field or "").partition(".")[0]
                if (
                    finding.code in ABOUT_FIELDS
                    and name in get_lora_fields()
                    and name != "peft_type"
                ):
                    assert name in own, (release, finding)
                told = re.search(r"(?<!\w)exclude_modules", finding.message)
                assert "exclude_modules" in own or not told


FIELD_NAMES = re.compile(rf"(?<![\w.])({'|'.join(n for n in get_lora_fields() if '_' in n)})(?!\w)")


@pytest.mark.parametrize("case", read_cases(), ids=lambda case: case.name)
def test_a_tool_s_file_is_spoken_of_in_its_own_keys(case: ToolCase) -> None:
    """No finding sends its reader to a field of LoraConfig that neither file nor tool has."""
    document = read(case.file, case.text)
    for release in (None, "0.12", "0.17"):
        settings = LintSettings(CODES, peft=release)
        for context in build_contexts(document, settings):
            tool = context.setting.tool
            if tool is None or context.setting.calls:
                continue
            keys = {key.name.lstrip("-").rpartition(".")[2] for key in tool.keys}
            for finding in find_problems(document, [context], settings, case.file):
                notes = [note for note in finding.notes if not note.startswith("PEFT: ")]
                told = " ".join([finding.message, str(finding.help), *notes])
                foreign = set(FIELD_NAMES.findall(told)) - keys
                assert all(name in case.text for name in foreign), (release, finding)


def test_what_a_tool_passes_over_stays_out_on_every_release() -> None:
    """LLaMA-Factory leaves the tower out of the names that it gives to PEFT."""
    text = (
        "model_name_or_path: Qwen/Qwen2.5-VL-7B-Instruct\nstage: sft\nfinetuning_type: lora\n"
        "lora_rank: 8\nlora_target: qkv,q_proj\nfreeze_vision_tower: true\n"
    )
    reached = set()
    for release in RELEASES:
        settings = LintSettings(CODES, peft=release)
        (context,) = build_contexts(read("a.yaml", text), settings)
        assert context.plan is not None
        reached.add(context.plan.targeted)
    assert reached == {28}


def test_a_resized_vocabulary_saves_the_model_s_own_embeddings() -> None:
    text = (
        "model_name_or_path: {model}\nstage: sft\nfinetuning_type: lora\nlora_rank: 8\n"
        "lora_target: all\n{key}\n"
    )
    for model, key, names in (
        ("Qwen/Qwen3-1.7B", "resize_vocab: true", {"model.embed_tokens", "lm_head"}),
        ("Qwen/Qwen3-8B", "add_tokens: <a>,<b>", {"model.embed_tokens", "lm_head"}),
        ("EleutherAI/pythia-6.9b", "add_special_tokens: <a>", {"gpt_neox.embed_in", "lm_head"}),
    ):
        document = read("a.yaml", text.format(model=model, key=key))
        (context,) = build_contexts(document, LintSettings(CODES))
        assert context.plan is not None
        assert {saved.name for saved in context.plan.saved} == names
        assert context.place("modules_to_save") == (0, key.partition(":")[0])


def test_check_names_the_key_that_resizes() -> None:
    text = (
        "model_name_or_path: Qwen/Qwen3-1.7B\nstage: sft\nfinetuning_type: lora\nlora_rank: 8\n"
        "lora_target: all\nresize_vocab: true\n"
    )
    (tied,) = check_file("a.yaml", "a.yaml", LintSettings(CODES), text).findings
    assert (tied.code, tied.span.line) == ("LC404", 6)
    assert "ensure_weight_tying" not in str(tied.help)
