"""The table of model ids: every id is found by itself, copies are judged as their originals, and a
damaged table is said to be one.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from bench.model_ids import (
    axolotl,
    llama_factory,
    ms_swift,
    ms_swift_2,
    nemo_automodel,
    openvino_genai,
    transformers_code,
    trl,
    unsloth,
    xinference,
)
from bench.model_ids.merge import list_bundled_classes, merge
from bench.model_ids.pack import pack
from loracheck.cli import cli
from loracheck.trees import model_ids
from loracheck.trees.model_ids import DamagedTableError, ModelId, find_id, iter_ids
from loracheck.trees.resolve import resolve
from loracheck.trees.sources.bundle import load_index
from loracheck.trees.sources.request import Request
from tests.examples import FACTOR

MAPPER = """
__INT_TO_FLOAT_MAPPER = {
    "unsloth/a-bnb-4bit": ("unsloth/a", "owner/a"),
    "unsloth/b-4bit": {"8": ("owner/b-FP8", None, None), "16": ("unsloth/b", "owner/b")},
    "unsloth/phi-9-bnb-4bit": ("unsloth/phi-9", "microsoft/phi-9"),
}
"""
SWIFT = """
register_model(ModelMeta(T.x, [ModelGroup([Model('here/a', 'owner/a'), Model('here/b', None)])],
    architectures=['AForCausalLM']))
"""
FACTORY = """
register_model_group(models={"A": {DownloadSource.DEFAULT: "owner/a",
    DownloadSource.MODELSCOPE: "here/a"}, "B": {DownloadSource.DEFAULT: "owner/b",
    DownloadSource.MODELSCOPE: "owner/c"}})
"""


def test_unsloth_uploads_are_copies_but_for_converted_ones() -> None:
    rows = {row.id: row.copy_of for row in unsloth.read_ids(MAPPER, "s")}
    assert rows["unsloth/a-bnb-4bit"] == rows["unsloth/a"] == "owner/a"
    assert rows["unsloth/b"] == "owner/b"
    assert "owner/b-FP8" not in rows
    assert rows["unsloth/phi-9"] is None
    assert rows["owner/a"] is None


def test_the_class_of_a_bundled_id_is_the_bundle_s() -> None:
    spelled = {
        row.id: {row.architecture.replace("_", "").lower()}
        for row in iter_ids()
        if row.architecture and load_index().place(row.id) is not None
    }
    assert len(spelled) > 300
    wrong = [
        name
        for name, own in spelled.items()
        if not own & {cls.replace("_", "").lower() for cls in list_bundled_classes(name)}
    ]
    assert wrong == []
    (row,) = merge([ModelId("openai/whisper-base", None, "WhisperForCausalLM", "s")])[:1]
    assert row.architecture == "WhisperForConditionalGeneration"


STUDIO = """
MODEL_NAME_MAPPING = {
    "one.yaml": ["unsloth/a-unsloth-bnb-4bit", "owner/A", "unsloth/b", "owner/b-FP8"],
    "two.yaml": ["unsloth/phi-9", "microsoft/phi-9", "unsloth/A-GGUF"],
}
_add_with_lower(MAP_TO_UNSLOTH_16bit, "owner/c", "unsloth/c")
"""


def test_an_upload_is_the_copy_of_the_original_in_its_family_that_bears_its_name() -> None:
    rows = {row.id: row.copy_of for row in unsloth.read_ids(STUDIO, "s")}
    assert rows["unsloth/a-unsloth-bnb-4bit"] == "owner/A"
    assert rows["unsloth/b"] is None
    assert rows["unsloth/c"] == "owner/c"
    assert not {"unsloth/phi-9", "unsloth/A-GGUF"} & rows.keys()


GLM = """
register_model(ModelMeta(T.x, [ModelGroup([Model('here/glm', 'owner/glm')])],
    architectures=['ChatGLMModel', 'ChatGLMForConditionalGeneration'], model_arch=ModelArch.{}))
"""


def test_two_spellings_of_a_class_are_one() -> None:
    texts = GLM.format("chatglm"), GLM.format("glm4v")
    classes = [{row.architecture for row in ms_swift.read_ids(text, "s")} for text in texts]
    assert classes == [{"ChatGLMModel"}, {None}]


CATALOGUE = """[{"architectures": ["AForCausalLM"], "model_specs": [
  {"model_format": "gptq", "model_src": {
     "huggingface": {"quantizations": ["Int4", "Int8"], "model_id": "owner/a-{quantization}"}}},
  {"model_format": "ggufv2", "model_src": {"huggingface": {"model_id": "owner/a-GGUF"}}}]}]"""
PAGE = """| **Architecture** | `AForCausalLM` |
| Model | HF ID |
| A 7B | [`owner/a`](https://huggingface.co/owner/a) |
"""
SCRIPT = """model = AForCausalLM(config).to(dtype=torch.bfloat16)
push_to_hub(model, tokenizer, generation_config, "tiny", "2.5")
"""
EXAMPLE = "base_model: owner/a\nmodel_type: AForCausalLM\n"


def test_catalogues_pages_scripts_and_examples_name_the_class() -> None:
    assert [row.id for row in xinference.read_ids(CATALOGUE, "s")] == [
        "owner/a-Int4",
        "owner/a-Int8",
    ]
    found = [
        *nemo_automodel.read_ids(PAGE, "s"),
        *trl.read_ids(SCRIPT, "s"),
        *axolotl.read_ids(EXAMPLE, "s"),
    ]
    assert [row.id for row in found] == [
        "owner/a",
        "trl-internal-testing/tiny-AForCausalLM-2.5",
        "owner/a",
    ]
    assert {row.architecture for row in found} == {"AForCausalLM"}
    two = PAGE.replace("`AForCausalLM`", "`AForCausalLM`, `BForCausalLM`")
    assert not list(nemo_automodel.read_ids(two, "s"))
    assert not list(axolotl.read_ids(EXAMPLE.replace("AFor", "AutoModelFor"), "s"))


FAMILIES = """[{"model_name": "%s", "architectures": ["AForCausalLM"], "model_specs": [
  {"model_format": "pytorch", "model_size_in_billions": 7, "model_src": {
     "huggingface": {"model_id": "owner/a"}, "modelscope": {"model_id": "here/a"}}},
  {"model_format": "awq", "model_size_in_billions": 7, "model_src": {
     "huggingface": {"model_id": "owner/a-AWQ"}}},
  {"model_format": "awq", "model_size_in_billions": 30, "activated_size_in_billions": 3,
   "model_src": {"huggingface": {"model_id": "owner/b-AWQ"}}},
  {"model_format": "pytorch", "model_size_in_billions": 30, "activated_size_in_billions": 3,
   "model_src": {"huggingface": {"model_id": "owner/b"}}},
  {"model_format": "fp8", "model_size_in_billions": 30, "activated_size_in_billions": 3,
   "model_src": {"huggingface": {"model_id": "owner/b-FP8"}}},
  {"model_format": "pytorch", "model_size_in_billions": 72, "model_src": {
     "huggingface": {"model_id": "owner/c"}}},
  {"model_format": "gptq", "model_size_in_billions": 72, "model_src": {
     "huggingface": {"model_id": "owner/c-GPTQ"}}}]}]"""


def test_the_specs_of_one_size_are_copies_of_the_plain_one() -> None:
    rows = {row.id: row.copy_of for row in xinference.read_ids(FAMILIES % "qwen2.5-x", "s")}
    assert rows == {
        "owner/a": None,
        "here/a": "owner/a",
        "owner/a-AWQ": "owner/a",
        "owner/b-AWQ": None,
        "owner/b": None,
        "owner/b-FP8": "owner/b",
        "owner/c": None,
        "owner/c-GPTQ": None,
    }
    other = {row.id: row.copy_of for row in xinference.read_ids(FAMILIES % "other", "s")}
    assert other["owner/c-GPTQ"] == "owner/c"


def test_a_catalogue_adds_originals_to_what_is_known() -> None:
    known = [
        ModelId("owner/a", None, "AForCausalLM", "hub"),
        ModelId("owner/a-AWQ", None, "AForCausalLM", "hub"),
        ModelId("here/a-awq", "owner/a-AWQ", None, "swift"),
        ModelId("owner/other", None, "AForCausalLM", "hub"),
    ]
    more = [
        ModelId("owner/a-AWQ", "owner/a", "BForCausalLM", "catalogue"),
        ModelId("owner/other", "owner/a", None, "catalogue"),
    ]
    rows = {row.id: row for row in merge(known, more)}
    assert rows["owner/a-AWQ"][1:] == ("owner/a", "AForCausalLM", "catalogue")
    assert rows["here/a-awq"].copy_of == "owner/a"
    assert rows["owner/other"].copy_of is None


CONFIG = """
@auto_docstring(checkpoint="owner/gemma-x")
class GemmaConfig(PretrainedConfig):
    model_type = "gemma"
"""
MODEL = """
class GemmaForCausalLM(GemmaPreTrainedModel):
    def forward(self):
        # model = GemmaForCausalLM.from_pretrained("owner/gemma-x")
        # model = GemmaForCausalLM.from_pretrained("owner/other")
"""


def test_an_example_counts_where_the_config_names_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transformers_code, "_found", {})
    name = "huggingface/transformers: 5.0/transformers/models/gemma/"
    assert not list(transformers_code.read_ids(CONFIG, f"{name}configuration_gemma.py"))
    assert not list(transformers_code.read_ids(MODEL, f"{name}modeling_gemma.py"))
    (row,) = transformers_code.join_statements()
    assert (row.id, row.architecture) == ("owner/gemma-x", "GemmaForCausalLM")
    assert row.source == (
        "huggingface/transformers 5.0: src/transformers/models/gemma/modeling_gemma.py"
    )


def test_registries_give_ids_of_both_sites() -> None:
    swift = list(ms_swift.read_ids(SWIFT, "s"))
    assert ModelId("here/a", "owner/a", "AForCausalLM", "s") in swift
    assert ModelId("here/b", None, "AForCausalLM", "s") in swift
    merged = {row.id: row for row in merge([*swift, *llama_factory.read_ids(FACTORY, "t")])}
    assert merged["here/a"] == ModelId("here/a", "owner/a", "AForCausalLM", "s")
    assert merged["owner/c"].copy_of is None  # of the same owner: another model


OLD_SWIFT = """
@register_model(T.a, 'here/a', LoRATM.glm, T.b, hf_model_id='owner/a')
@register_model(T.b, 'here/b', LoRATM.glm, T.b, revision='v1.0', hf_model_id='owner/b')
@register_model(T.c, 'here/c', LoRATM.glm, T.b, hf_model_id='former/c')
@register_model(T.d, 'here/d', LoRATM.glm, T.b, hf_model_id='former/another')
def get_model(): ...
"""
TABLE = """export const LLM_MODELS = [
  { architecture: 'AForCausalLM', models: [
    { name: 'A', links: ['https://huggingface.co/owner/a', 'https://huggingface.co/owner/b'] }] },
  { architecture: 'LLaVA', models: [{ links: ['https://huggingface.co/owner/c'] }] }];
"""


def test_an_owner_that_has_another_name_now_has_the_same_models() -> None:
    old = list(ms_swift_2.read_ids(OLD_SWIFT, "s"))
    assert ModelId("here/a", "owner/a", None, "s") in old
    assert "here/b" not in {row.id for row in old}
    known = [
        ModelId("here/c", "latter/c", "CForCausalLM", "t"),
        ModelId("latter/c", None, "CForCausalLM", "t"),
        ModelId("here/d", "latter/d", "DForCausalLM", "t"),
        ModelId("latter/d", None, "DForCausalLM", "t"),
    ]
    rows = {row.id: row for row in merge(known, old)}
    assert rows["former/c"] == ModelId("former/c", "latter/c", None, "s")
    assert rows["here/c"].copy_of == "latter/c"
    assert rows["former/another"].copy_of is None  # of another name: another model


def test_a_table_of_classes_tells_no_class_of_a_family() -> None:
    rows = [(row.id, row.architecture) for row in openvino_genai.read_ids(TABLE, "s")]
    assert rows == [("owner/a", "AForCausalLM"), ("owner/b", "AForCausalLM")]


def test_registries_that_disagree_make_no_copy() -> None:
    rows = [ModelId("x/a", "y/a", "A", "s"), ModelId("X/a", "z/a", "B", "t")]
    (row,) = (row for row in merge(rows) if row.id == "x/a")
    assert (row.copy_of, row.architecture) == (None, None)


def test_every_id_of_the_table_is_found_in_any_case() -> None:
    rows = list(iter_ids())
    bundled = {name.lower() for name in load_index().entries}
    assert {row.id.lower() for row in rows} >= bundled
    for row in rows[:: max(int(len(rows) / (500 * FACTOR)), 1)]:
        assert find_id(row.id) == find_id(row.id.upper()) == row
    assert find_id("") is None
    assert find_id("zzz/zzz") is None


NAMES = st.sets(st.from_regex(r"[a-z]{1,3}/[a-z0-9.-]{1,4}", fullmatch=True), max_size=200)


@given(NAMES, st.text(max_size=8))
def test_what_is_packed_is_read(
    tmp_path_factory: pytest.TempPathFactory, names: set[str], other: str
) -> None:
    path = tmp_path_factory.mktemp("ids") / "ids.bin"
    rows = sorted(ModelId(name, None, None, "s") for name in names)
    path.write_bytes(pack(rows))
    assert list(iter_ids(str(path))) == rows
    assert all(find_id(row.id, str(path)) == row for row in rows)
    assert other.lower() in names or find_id(other, str(path)) is None


def test_every_copy_of_a_bundled_model_has_its_tree() -> None:
    rows = [row for row in iter_ids() if row.copy_of and load_index().place(row.copy_of)]
    assert rows
    for row in rows[::40]:
        assert row.copy_of is not None
        copy, original = resolve(Request(row.id)), resolve(Request(row.copy_of))
        assert copy.tree is not None and original.tree is not None
        assert copy.tree._replace(extra=original.tree.extra) == original.tree
        told = [one for one in copy.tree.extra if one[0] != "quantization"]  # of its own weights
        known = [one for one in original.tree.extra if one[0] != "quantization"]
        assert told == [*known, ("copy_of", row.copy_of)]
        assert copy.source is not None
        assert row.copy_of in copy.source
        assert row.source in copy.source


@pytest.mark.parametrize("data", [b"", b"\n", b"[]\n", b'{"format":0,"blocks":[]}\n', "cut"])
def test_damaged_table_ends_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, data: bytes | str
) -> None:
    path = tmp_path / "ids.bin"
    whole = Path(model_ids.PATH).read_bytes()
    path.write_bytes(data if isinstance(data, bytes) else whole.partition(b"\n")[0] + b"\nxx")
    with pytest.raises(DamagedTableError):
        list(iter_ids(str(path)))
    monkeypatch.setattr(find_id, "__defaults__", (str(path),))
    monkeypatch.setattr(iter_ids, "__defaults__", (str(path),))
    config = tmp_path / "adapter_config.json"
    config.write_text('{"peft_type": "LORA", "base_model_name_or_path": "no/such", "r": 8}')
    for arguments in (["models"], ["check", str(config)]):
        result = CliRunner().invoke(cli, arguments)
        assert result.exit_code == 2, result.output
        assert "table of model ids is damaged" in result.output
        assert "internal error" not in result.output


def test_models_lists_searches_and_says_what_may_be_meant() -> None:
    run = CliRunner().invoke(cli, ["models", "unsloth llama-3-8b-instruct"])
    assert run.exit_code == 0
    lines = run.output.splitlines()
    assert any("copy of meta-llama/Meta-Llama-3-8B-Instruct" in line for line in lines)
    assert any("  exact  " in line for line in lines)
    run = CliRunner().invoke(cli, ["models", "qwen3-8b"])
    first, second = run.output.splitlines()[:2]
    assert first.split()[0] == "Qwen/Qwen3-8B" and second.split()[0] == "unsloth/Qwen3-8B"
    assert "  transformers 4.51.3 to 5.24.0  " in first
    run = CliRunner().invoke(cli, ["models", "Qwen/Qwen2.5-7BB"])
    assert run.exit_code == 2
    assert "did you mean 'Qwen/Qwen2.5-7B'" in run.output
