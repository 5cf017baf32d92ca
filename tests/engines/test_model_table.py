"""`bench/serving.py` reads from a release's sources which architectures it adapts."""

from __future__ import annotations

from pathlib import Path

from bench.serving import collect_table

REGISTRY = """
_MODELS = {
    "PlainForCausalLM": ("plain", "PlainForCausalLM"),
    "NoneForCausalLM": ("plain", "NoneForCausalLM"),
    "PlainModel": ("plain", "PlainModel"),
    "MadeModel": ("plain", "MadeModel"),
    "AliasForCausalLM": ("other", "AliasForCausalLM"),
    "HiddenForCausalLM": ("plain", "HiddenForCausalLM"),
}
"""
PLAIN = """
from .interfaces import SupportsLoRA
from .adapters import as_embedding_model

class PlainForCausalLM(nn.Module, SupportsLoRA):
    embedding_modules = {"embed_tokens": "input_embeddings", "lm_head": "output_embeddings"}

class NoneForCausalLM(nn.Module):
    pass

class PlainModel(as_embedding_model(PlainForCausalLM)):
    pass

if TYPE_CHECKING:
    MadeModel = PlainForCausalLM
else:
    MadeModel = as_embedding_model(PlainForCausalLM)
"""
OTHER = """
from .plain import MadeModel
AliasForCausalLM = MadeModel
"""


def test_classes_made_by_a_function_and_other_names_are_followed(tmp_path: Path) -> None:
    folder = tmp_path / "1.0.0" / "vllm" / "model_executor" / "models"
    folder.mkdir(parents=True)
    for name, text in (("registry", REGISTRY), ("plain", PLAIN), ("other", OTHER)):
        (folder / f"{name}.py").write_text(text, "utf-8")
    table = {name: rows[-1][1] for name, rows in collect_table(tmp_path).items()}
    assert table == {
        "PlainForCausalLM": "lora embed_tokens lm_head",
        "NoneForCausalLM": "none",
        "PlainModel": "lora embed_tokens lm_head",
        "MadeModel": "lora embed_tokens lm_head",
        "AliasForCausalLM": "lora embed_tokens lm_head",
        "HiddenForCausalLM": "?",
    }
