"""oumi's own PeftParams.to_lora against the dialect: the same LoraConfig comes out.

Needs oumi and omegaconf beside torch and peft; left out where they are not installed.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from loracheck.documents import read
from loracheck.tools import find_settings as dialect_settings
from tests.examples import examples
from tests.shared import files, needs

pytestmark = pytest.mark.oracle
for _name in ("omegaconf", "oumi.core.configs.params.peft_params"):
    pytest.importorskip(_name, reason="oumi is not installed", exc_type=ImportError)

NAMES = st.lists(st.sampled_from(["q_proj", ".*tower.*", "all-linear"]), max_size=3)
KEYS: dict[str, st.SearchStrategy[Any]] = {
    "lora_r": st.integers(1, 64) | st.integers(1, 64).map(str),
    "lora_alpha": st.integers(1, 64),
    "lora_dropout": st.sampled_from([0.0, 0.1, "0.1", 0]),
    "lora_target_modules": NAMES,
    "lora_exclude_modules": NAMES,
    "lora_target_parameters": NAMES,
    "lora_modules_to_save": NAMES,
    "lora_bias": st.sampled_from(["none", "all", "lora_only"]),
    "lora_init_weights": st.sampled_from(["DEFAULT", "RANDOM", "GAUSSIAN", "PISA", "OLORA"]),
    "lora_task_type": st.sampled_from(["CAUSAL_LM", "SEQ_CLS"]),
    "q_lora": st.booleans(),
}


def same(name: str, text: str) -> bool:
    """Whether oumi and the dialect make the same LoraConfig of a file."""
    from omegaconf import OmegaConf
    from oumi.core.configs.params.peft_params import PeftParams
    from peft import LoraConfig

    given_ = OmegaConf.create(yaml.safe_load(text).get("peft") or {})
    params: Any = OmegaConf.to_object(OmegaConf.merge(OmegaConf.structured(PeftParams), given_))
    (setting,) = dialect_settings(read(name, text))
    return LoraConfig(**setting.fields).to_dict() == params.to_lora().to_dict()


@examples(100)
@given(values=st.fixed_dictionaries({}, optional=KEYS))
def test_any_values(values: dict[str, Any]) -> None:
    top = {"model": {"model_name": "a/b"}, "training": {"use_peft": True}, "peft": values}
    assert same("a.yaml", yaml.safe_dump({**top, "data": {}})), values


@needs("corpus")
@pytest.mark.parametrize("path", files("corpus/oumi", ".yaml", ".yml"), ids=lambda p: p.name)
def test_recipes(path: Path) -> None:
    assert same(str(path), path.read_text("utf-8"))
