"""Every field of PEFT 0.21.2's LoraConfig as pydantic models: the one source of field knowledge.

`facts.json`, `help.json`, `versions.json` and the schemas are generated from here
(`python -m loracheck.config.generate`). Nothing on the hot path imports this package.
"""

from __future__ import annotations

from .base import Model, Typical
from .core import RATIO
from .inits import CordaConfig, EvaConfig, LoftQConfig, LoraGAConfig
from .lora import LoraConfig
from .peft import PeftConfig
from .variants import (
    ArrowConfig,
    BdLoraConfig,
    KasaConfig,
    LoraRuntimeConfig,
    MontecloraConfig,
    VeloraConfig,
)

SUB_CONFIGS: dict[str, type[Model]] = {
    model.__name__: model
    for model in (
        LoftQConfig,
        EvaConfig,
        CordaConfig,
        LoraGAConfig,
        VeloraConfig,
        MontecloraConfig,
        ArrowConfig,
        BdLoraConfig,
        KasaConfig,
        LoraRuntimeConfig,
    )
}
"""The sub-configs by class name."""

__all__ = [
    "RATIO",
    "SUB_CONFIGS",
    "LoraConfig",
    "Model",
    "PeftConfig",
    "Typical",
    *SUB_CONFIGS,
]
