"""TRL's own parser and get_peft_config against the dialect: the same LoraConfig comes out.

Needs trl beside torch and peft (any release since 0.20); left out where it is not installed.
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
pytest.importorskip("trl.trainer.utils", reason="trl is not installed", exc_type=ImportError)

NAMES = st.sampled_from(["q_proj", "v_proj", "all-linear", ".*\\.(q|k)_proj", "o"])
SOMETIMES_QUOTED = {
    "lora_r": st.integers(1, 256),
    "lora_alpha": st.integers(1, 256),
    "lora_dropout": st.sampled_from([0.0, 0.05, 0.5, 1e-3]),
    "use_rslora": st.booleans(),
    "use_dora": st.booleans(),
}
KEYS: dict[str, st.SearchStrategy[Any]] = {
    **{k: v | v.map(lambda value: str(value)) for k, v in SOMETIMES_QUOTED.items()},
    "lora_target_modules": st.lists(NAMES, min_size=1, max_size=3) | NAMES,
    "lora_target_parameters": st.lists(NAMES, max_size=2),
    "lora_modules_to_save": st.lists(st.sampled_from(["lm_head", "score"]), max_size=2),
    "lora_task_type": st.sampled_from(["CAUSAL_LM", "SEQ_CLS"]),
}


def from_trl(path: Path) -> Any:
    """The LoraConfig that TRL makes of a file, or None."""
    from trl.scripts.utils import TrlParser
    from trl.trainer.model_config import ModelConfig
    from trl.trainer.utils import get_peft_config

    parser = TrlParser((ModelConfig,))
    found = parser.parse_args_and_config(["--config", str(path)], return_remaining_strings=True)
    return get_peft_config(found[0])


def same(path: Path) -> bool:
    """Whether the dialect's fields make the same LoraConfig."""
    from peft import LoraConfig

    wanted = from_trl(path)
    (setting,) = dialect_settings(read(str(path)))
    return LoraConfig(**setting.fields).to_dict() == wanted.to_dict()


@examples(100)
@given(values=st.fixed_dictionaries({}, optional=KEYS))
def test_any_values(values: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("trl") / "recipe.yaml"
    path.write_text(yaml.safe_dump({"model_name_or_path": "a/b", "use_peft": True, **values}))
    assert same(path), values


@needs("corpus")
@pytest.mark.parametrize("path", files("corpus/trl", ".yaml", ".yml"), ids=lambda p: p.name)
def test_recipes(path: Path) -> None:
    assert same(path)
