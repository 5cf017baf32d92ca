"""An adapter_config.json that PEFT cannot read: no `peft_type`, or one that it does not know.

## What
A file of that name whose `peft_type` is missing, or is no method of PEFT's. Files of mlx-lm and of
AdapterHub, which have the same name, are let be.

## Why
PEFT chooses the class of the config by `peft_type`. Without it `PeftModel.from_pretrained` raises
KeyError, `PeftConfig.from_pretrained` TypeError ("missing required keys"); with an unknown one both
raise KeyError. Servers refuse both. A newer PEFT may know the type, so that is a note, and a
warning where the fields are all LoraConfig's.

## Bad
```json
{"model_type": "chatglm", "hidden_size": 4096}
```

## Good
```json
{"peft_type": "LORA", "r": 8, "lora_alpha": 16, "target_modules": ["query_key_value"]}
```

## Fix
Write `"peft_type": "LORA"` and LoraConfig's fields, or give the file another name.

## Source
PEFT 0.21.2 `config.py` (`PeftConfigMixin.from_pretrained`), `utils/peft_types.py`, executed.
"""

from __future__ import annotations

from os.path import basename

from loracheck.rules.types import Hit
from loracheck.tools.core.field_names import find_unknown_fields
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.model import Document
    from loracheck.documents.values import Table
    from loracheck.rules.context import RuleContext

CODE = "LC112"
NAME = "adapter-without-type"
SEVERITY = "warning"

_OTHERS = frozenset({"fine_tune_type", "lora_parameters", "lora_layers", "model_class", "config"})
"""Keys of mlx-lm's and AdapterHub's files of the same name."""

METHODS = frozenset(
    {
        "ADALORA", "ADAMSS", "ADAPTION_PROMPT", "BEFT", "BOFT", "BONE", "C3A", "CARTRIDGE",
        "CPT", "DEFT", "DELORA", "FOURIERFT", "FROD", "GLORA", "GRALORA", "HIRA", "HRA", "IA3",
        "LILY", "LN_TUNING", "LOHA", "LOKR", "LORA", "MISS", "MULTITASK_PROMPT_TUNING", "OFT",
        "OSF", "PEANUT", "POLY", "PREFIX_TUNING", "PROMPT_TUNING", "PSOFT", "PVERA", "P_TUNING",
        "RANDLORA", "ROAD", "SHADOW", "SHIRA", "SUPERTUNING", "TINYLORA", "TRAINABLE_TOKENS",
        "UNILORA", "VBLORA", "VERA", "WAVEFT", "XLORA",
    }
)  # fmt: skip
"""PEFT's methods (PEFT 0.21.2 `utils/peft_types.py`, and BONE, which older releases had)."""


def check(context: RuleContext) -> Iterator[Hit]:
    """Nothing: a file with LoraConfig's fields is a setting, of which LC103 speaks."""
    yield from ()


def check_bare(document: Document) -> Iterator[Hit]:
    """One hit for a file without a setting that PEFT would not read."""
    top = document.roots[0] if document.format == "json" and document.roots else None
    if basename(document.path) != "adapter_config.json" or not isinstance(top, dict):
        return
    method = top.get("peft_type")
    if method is None and not _OTHERS & top.keys():
        yield Hit(
            "the file has no `peft_type`: PEFT raises KeyError when it loads the adapter",
            (0,),
            help='write "peft_type": "LORA" and the fields of the config',
            field="peft_type",
        )
    elif isinstance(method, str) and method not in METHODS:
        yield Hit(
            f"`peft_type` is '{method}', which PEFT 0.21 does not know: loading the adapter raises "
            "KeyError",
            (0, "peft_type"),
            help="write 'LORA': the fields are LoraConfig's; or load it with the PEFT that wrote it"
            if (lora := _has_fields_of_lora(top))
            else "write the name as PEFT has it, in capitals",
            field="peft_type",
            severity="warning" if lora else "note",
        )


def _has_fields_of_lora(top: Table) -> bool:
    """Whether a file has the fields that make LoRA, and none that LoraConfig lacks."""
    return {"r", "lora_alpha", "target_modules"} <= top.keys() and not find_unknown_fields(top)
