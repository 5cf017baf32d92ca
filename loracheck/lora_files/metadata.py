"""What a LoRA file's metadata says: alpha, rank, trainer, base model.

Sources: diffusers 0.42.1 `loaders/lora_base.py` (LORA_ADAPTER_METADATA_KEY, a LoraConfig a part);
kohya-ss/sd-scripts 48d368fa `train_network.py` (`ss_*`), `library/sai_model_spec.py`
(`modelspec.*`); kohya-ss/musubi-tuner 30c658c the same; ostris/ai-toolkit 27a03a9
`toolkit/metadata.py` (`software`).
"""

from __future__ import annotations

import json

from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

LONGEST = 1 << 20
"""Characters of one text of the metadata that are parsed; the tags of a data set are longer."""

ADAPTER = "lora_adapter_metadata"


class Metadata(NamedTuple):
    """What the metadata says; None for what it does not say."""

    texts: Mapping[str, str]
    """The texts as they stand."""

    rank: int | None = None
    alpha: float | None = None
    """The alpha of all modules, where it is diffusers' metadata that has one. `ss_network_alpha` is
    the run's: its trainers write tensors too, and their converters, which take these out, multiply
    the weights by the scale and leave the metadata as they are (musubi-tuner `convert_lora.py`,
    convert_to_diffusers; sd-scripts `networks/convert_flux_lora.py`).
    """

    alpha_key: str | None = None
    """The key that has it."""

    dialect: str | None = None
    """Whose metadata it is: `ss_network_module`'s value, or the program's name."""

    base: str | None = None
    """The base model as the metadata names it."""

    base_key: str | None = None

    config: Mapping[str, Any] = {}
    """diffusers' LoraConfig of the parts: "transformer.r" -> value."""


def read_metadata(texts: Mapping[str, str]) -> Metadata:
    """What these texts say; whatever is not as its program writes it says nothing."""
    config = _parse_mapping(texts.get(ADAPTER))
    rank = alpha = None
    alpha_key = None
    if config:
        ends = {name.rpartition(".")[2]: value for name, value in reversed(list(config.items()))}
        rank, alpha, alpha_key = ends.get("r"), ends.get("lora_alpha"), ADAPTER
    rank = texts.get("ss_network_dim", rank)
    base_key = next((key for key in _BASE_KEYS if texts.get(key)), None)
    number = _number(alpha)
    whole = _number(rank)
    return Metadata(
        texts,
        int(whole) if whole is not None and whole == int(whole) else None,
        number,
        alpha_key if number is not None else None,
        _find_dialect(texts),
        texts[base_key][:200] if base_key else None,
        base_key,
        config,
    )


_BASE_KEYS = ("modelspec.architecture", "ss_base_model_version", "ss_base_model")


def _find_dialect(texts: Mapping[str, str]) -> str | None:
    if texts.get("ss_network_module"):
        return texts["ss_network_module"][:100]
    name = _parse_mapping(texts.get("software")).get("name")
    if isinstance(name, str):
        return name[:100]
    if "ot_branch" in texts:
        return "OneTrainer"
    return "diffusers" if ADAPTER in texts else None


def _parse_mapping(text: str | None) -> dict[str, Any]:
    """A mapping written as JSON; empty where it is none."""
    if text is None or len(text) > LONGEST:
        return {}
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _number(value: object) -> float | None:
    """A finite number, also one written as a text."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if abs(number) < float("inf") else None
