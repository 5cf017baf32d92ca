"""The text of a file, a model and a comparison: width, characters, colour, and what it says."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from loracheck.cli import cli
from loracheck.explain.file.assess_file import assess_file
from loracheck.explain.file.layer_map import LayerCell
from loracheck.explain.model.overview import describe_model
from loracheck.explain.text import choose_style, render
from loracheck.explain.text import model_overview as model_text
from loracheck.explain.text.bars import draw_bar, draw_strip
from loracheck.explain.text.style import TextStyle
from loracheck.trees.resolve import resolve
from loracheck.trees.sources.bundle import load_index
from loracheck.trees.sources.request import Request
from tests.shared import files, needs

from .build import JOB

EXAMPLES = Path(__file__).parents[2] / "examples"
FILES = sorted(EXAMPLES.iterdir())
PLAIN = choose_style(80, colour=False, encoding="utf-8")
ASCII = choose_style(80, colour=False, encoding="ascii")
KNOWN = load_index()
MODELS = sorted(KNOWN.entries) if KNOWN else []


def run(*arguments: str, status: int = 0) -> str:
    result = CliRunner().invoke(cli, ["explain", *arguments])
    assert result.exit_code == status, result.output
    return result.output


def widest(text: str) -> int:
    return max(map(len, text.splitlines()))


@pytest.mark.parametrize("width", [40, 80, 100, 120])
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_example_fits(path: Path, width: int) -> None:
    for impact in assess_file(str(path), JOB):
        impact = impact._replace(path=path.name)
        text = render(impact, choose_style(width, colour=False, encoding="utf-8"))
        assert widest(text) <= max(width, 80)
        assert not re.search(r" +$", text, re.MULTILINE)


@needs("corpus")
def test_real_files_fit() -> None:
    """Every tenth file of the corpus."""
    told = 0
    for path in files("corpus", ".yaml", ".yml", ".json")[::10]:
        if path.name == "load_index.json":
            continue
        for impact in assess_file(str(path), JOB):
            text = render(impact._replace(path=path.name), PLAIN)
            told += 1
            for line in text.splitlines():
                assert len(line) <= 80, line
    assert told > 20


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_without_block_characters_all_is_ascii(path: Path) -> None:
    for impact in assess_file(str(path), JOB):
        assert render(impact, ASCII).isascii()


def test_a_file_is_told_in_peft_s_numbers() -> None:
    text = run(str(EXAMPLES / "qwen2_clean.json"))
    assert "LoRA reaches 196 of 196 linear layers" in text
    assert "trainable: 40,370,176 of 7,655,986,688 parameters (0.5273 %)" in text
    assert "scaling: lora_alpha / r = 32 / 16 = 2" in text


def test_a_dead_entry_is_told_where_it_stands_with_its_finding() -> None:
    text = run(str(EXAMPLES / "phi3_llama_names.json"))
    assert "LoRA reaches 64 of 128 linear layers" in text
    assert "q_proj                 no effect, it matches no name (line 10, LC202)" in text
    assert "warning[LC202] line 10: `q_proj`, `k_proj`, `v_proj`, `gate_proj` and" in text


def test_a_refusal_is_told_with_its_reason() -> None:
    text = run(str(EXAMPLES / "mixtral_experts.py"))
    assert "PEFT refuses it: ValueError" in text
    assert "the field to blame: lora_dropout" in text
    assert "Coverage" not in text


def test_wide_numbers_keep_apart(tmp_path: Path) -> None:
    path = tmp_path / "adapter_config.json"
    path.write_text(
        json.dumps(
            {
                "peft_type": "LORA",
                "base_model_name_or_path": "deepseek-ai/DeepSeek-R1",
                "target_modules": ["o_proj", "gate_proj", "up_proj", "down_proj"],
            }
        )
    )
    text = run(str(path))
    assert re.search(r" 16 +1 2,675,965,952$", text, re.MULTILINE)
    assert "1.34 TB" in text
    assert widest(text.partition("\n")[2]) <= 80  # the first line has the path


def test_a_config_that_cannot_be_made_is_told_as_peft_s_refusal(tmp_path: Path) -> None:
    path = tmp_path / "adapter_config.json"
    path.write_text(
        '{"peft_type": "LORA", "base_model_name_or_path": "Qwen/Qwen2.5-0.5B", "lora_bias": true,'
        ' "init_lora_weights": "pissa", "target_modules": ["q_proj"]}'
    )
    text = run(str(path))
    assert "PEFT refuses it: LoraConfig itself refuses the values" in text
    assert "not held against" not in text


def test_what_peft_looks_for_by_itself_and_finds_not_is_no_complaint(tmp_path: Path) -> None:
    path = tmp_path / "adapter_config.json"
    config = {"peft_type": "LORA", "base_model_name_or_path": "google-bert/bert-base-uncased"}
    path.write_text(json.dumps({**config, "target_modules": ["query"], "task_type": "SEQ_CLS"}))
    text = run(str(path))
    assert re.search(r"classifier +1 module trained in full", text)
    assert "no effect" not in text


def test_engines_whose_models_are_not_known_promise_nothing_of_them(tmp_path: Path) -> None:
    path = tmp_path / "adapter_config.json"
    config = {"peft_type": "LORA", "base_model_name_or_path": "Qwen/Qwen3-8B", "r": 8}
    path.write_text(json.dumps({**config, "target_modules": ["q_proj"]}))
    text = run(str(path))
    assert re.search(r"vLLM \S+ +yes$", text, re.MULTILINE)
    assert re.search(r"LoRAX +nothing known against it \(not checked:\s+whether", text)
    path.write_text(json.dumps({**config, "base_model_name_or_path": "no/such"}))
    assert not re.search(r" yes$", run(str(path)), re.MULTILINE)


def test_one_reason_for_several_modules_is_said_once(tmp_path: Path) -> None:
    path = tmp_path / "adapter_config.json"
    config = {"peft_type": "LORA", "base_model_name_or_path": "google-t5/t5-base"}
    path.write_text(json.dumps({**config, "target_modules": ["q", "k", "v"]}))
    text = " ".join(run(str(path)).split())
    assert text.count("is not in the list of layers") == 1
    assert "`q` is not in the list" in text
    assert "the same for `k`, `v`" in text


def test_engines_are_told_on_demand() -> None:
    text = run("--serve", "vllm==0.11", str(EXAMPLES / "qwen2_clean.json"))
    assert re.search(r"^  vLLM 0\.11\S* +yes$", text, re.MULTILINE)
    assert "llama.cpp" not in text
    assert "unknown" in run("--serve", "nothing", str(EXAMPLES / "qwen2_clean.json"), status=2) or (
        "no engine" in run("--serve", "nothing", str(EXAMPLES / "qwen2_clean.json"), status=2)
    )


def test_another_model_may_be_given() -> None:
    text = run("--model", "Qwen/Qwen2.5-0.5B", str(EXAMPLES / "qwen2_clean.json"))
    assert "168 of 168 linear layers" in text


def test_a_file_that_names_no_model_says_how_to_give_one(tmp_path: Path) -> None:
    path = tmp_path / "adapter_config.json"
    path.write_text('{"peft_type": "LORA", "r": 8, "target_modules": ["q_proj"]}')
    text = run(str(path))
    assert "not held against a model: the file names no base model" in text
    assert "--model ID|DIR|config.json" in text
    assert "target_modules" in text


def test_several_settings_come_one_after_the_other(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text("from peft import LoraConfig\na = LoraConfig(r=8)\nb = LoraConfig(r=4)\n")
    text = run(str(path))
    assert text.count("(peft-python)") == 2
    assert text.index("a.py:2") < text.index("a.py:3")


def test_no_file_and_no_lora_are_clear(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text("a: 1\n")
    assert "sets no LoRA up" in run(str(path))
    path.write_text("a: [1\n")
    assert "a.yaml:" in run(str(path), status=2)


def test_colour_is_for_terminals_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    path = str(EXAMPLES / "phi3_llama_names.json")
    assert "\x1b" not in run(path)
    monkeypatch.setenv("FORCE_COLOR", "1")
    coloured = run(path)
    assert "\x1b[1;33m" in coloured
    monkeypatch.setenv("NO_COLOR", "1")
    plain = run(path)
    assert "\x1b" not in plain
    assert re.sub(r"\x1b\[[\d;]*m", "", coloured) == plain


@pytest.mark.parametrize("model", MODELS[::6])
def test_models_fit(model: str) -> None:
    resolved = resolve(Request(model))
    text = model_text.render(describe_model(model, resolved), PLAIN)
    assert widest(text) <= 80
    assert "every linear layer" in text
    assert model_text.render(describe_model(model, resolved), ASCII).isascii()


def test_a_model_s_page_warns_of_its_pitfalls() -> None:
    assert "`qkv_proj` does the work of q_proj, k_proj, v_proj" in " ".join(
        run("microsoft/Phi-3-mini-4k-instruct").split()
    )
    assert "The experts are fused parameters" in run("Qwen/Qwen3-30B-A3B")
    assert "vision part has" in run("Qwen/Qwen2.5-VL-7B-Instruct")
    assert "are one weight" in run("openai-community/gpt2")
    assert "only there: model.layers.*.mlp.experts.*.gate_proj" in run("Qwen/Qwen3-30B-A3B")


def test_a_config_json_is_a_model(tmp_path: Path) -> None:
    pytest.importorskip("transformers")
    path = tmp_path / "config.json"
    sizes = {"hidden_size": 8, "intermediate_size": 16, "num_hidden_layers": 2}
    heads = {"num_attention_heads": 2, "num_key_value_heads": 2, "vocab_size": 10}
    path.write_text(json.dumps({"model_type": "llama", **sizes, **heads}))
    assert "all-linear" in run(str(path))
    assert "all-linear" in run(str(tmp_path))


def test_two_files_are_compared(tmp_path: Path) -> None:
    first = EXAMPLES / "qwen2_clean.json"
    other = tmp_path / "adapter_config.json"
    other.write_text(json.dumps({**json.loads(first.read_text()), "r": 32}))
    text = run(str(first), str(other))
    assert "rank 16, scaling 2" in text
    assert "rank 32, scaling 1" in text
    assert "+40,370,176" in text
    assert "Both do the same" in run(str(first), str(first))
    assert run(str(first), "no-such-file", status=2)


@given(share=st.floats(0, 1), width=st.integers(2, 60), blocks=st.booleans())
def test_a_bar_has_its_width_and_hides_nothing(share: float, width: int, blocks: bool) -> None:
    drawn = draw_bar(share, width, TextStyle(blocks=blocks))
    assert len(drawn) == width
    empty = "·" if blocks else "."
    assert (drawn == empty * width) is (share == 0)
    assert (empty not in drawn and drawn[-1] in "█#") is (share == 1)


CELLS = st.one_of(
    st.none(),
    st.builds(
        lambda modules, adapted: LayerCell(modules, min(modules, adapted), 0, ()),
        st.integers(1, 4),
        st.integers(0, 4),
    ),
)


@given(cells=st.lists(CELLS, min_size=1, max_size=120), width=st.integers(1, 60))
def test_a_strip_shows_every_adapted_layer(cells: list[LayerCell | None], width: int) -> None:
    drawn = draw_strip(cells, width, PLAIN)
    assert len(drawn) == min(width, len(cells))
    touched = any(cell and cell.adapted for cell in cells)
    assert bool(set(drawn) & set("█▒")) is touched
    whole = all(cell is not None and cell.adapted == cell.modules for cell in cells)
    assert (set(drawn) == {"█"}) >= whole


SCRIPT = """import argparse
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM
parser = argparse.ArgumentParser()
parser.add_argument("--rank", type=int, default=8)
args = parser.parse_args()
model = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-0.5B")
model = get_peft_model(model, LoraConfig(r=args.rank, target_modules=["q_proj"]))
"""


def test_a_value_that_is_only_an_option_s_default_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(SCRIPT, "utf-8")
    text = CliRunner().invoke(cli, ["explain", str(tmp_path / "a.py")]).output
    told = "assumed: r (args.rank) = 8; only the script's defaults, which its options may change"
    assert told in " ".join(text.split())
    (tmp_path / "a.py").write_text(SCRIPT.replace("args.rank,", "8,"), "utf-8")
    assert (
        "script's defaults"
        not in CliRunner().invoke(cli, ["explain", str(tmp_path / "a.py")]).output
    )


def test_a_model_that_is_given_is_the_one_that_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(SCRIPT, "utf-8")
    arguments = ["explain", str(tmp_path / "a.py"), "--model", "Qwen/Qwen2.5-7B"]
    text = CliRunner().invoke(cli, arguments).output
    assert "Qwen/Qwen2.5-7B: Qwen2ForCausalLM (qwen2)" in text and "Qwen2.5-0.5B" not in text
