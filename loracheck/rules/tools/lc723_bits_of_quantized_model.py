"""A tool is to load a checkpoint in 4 or 8 bits that is stored quantised already.

## What
`quantization_bit`, `load_in_4bit` or `q_lora` beside a base model whose checkpoint is GPTQ, AWQ,
FP8 or MXFP4. Where only the end of the model's name tells so (`-AWQ`, `-GPTQ-Int4`), it is a
warning at most.

## Why
The keys make bitsandbytes quantise weights of 16 bits, which such a checkpoint does not have. TRL
and oumi hand the checkpoint a BitsAndBytesConfig, and transformers 5.24.0 `quantizers/auto.py`
stops with ValueError, "The model is quantized with GPTQConfig but you are passing a
BitsAndBytesConfig config". LLaMA-Factory says that "`quantization_bit` will not affect on the
PTQ-quantized models" and goes on: FP8 and MXFP4 are turned into 16 bits then, which takes two to
four times the memory that was planned for. axolotl keeps GPTQ and AWQ as they are. Seen in
hiyouga/LlamaFactory issue 7927.

## Bad
```yaml
model_name_or_path: openai/gpt-oss-20b
stage: sft
do_train: true
finetuning_type: lora
lora_target: q_proj,v_proj
quantization_bit: 4
```

## Good
```yaml
model_name_or_path: openai/gpt-oss-20b
stage: sft
do_train: true
finetuning_type: lora
lora_target: q_proj,v_proj
```

## Fix
Take the key out, or name a checkpoint that is stored in 16 bits.

## Source
LLaMA-Factory 0.9.5 `model/model_utils/quantization.py` (`configure_quantization`), axolotl 0.19.0
`loaders/model.py` (`_set_quantization_config`), TRL 1.16.0 `trainer/utils.py`
(`get_quantization_config`), oumi 0.9 `builders/models.py`, transformers 5.24.0
`quantizers/auto.py` (`merge_quantization_configs`).
"""

from __future__ import annotations

from loracheck.rules.types import Hit
from loracheck.tools.core.refusal_lookup import load_quantized_base
from loracheck.trees import quantization
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.model import Path
    from loracheck.rules.context import RuleContext

CODE = "LC723"
NAME = "bits-of-quantized-model"
SEVERITY = "error"

_KEYS = ("quantization_bit", "load_in_4bit", "load_in_8bit", "q_lora")
_NAMES = {
    "gptq": "GPTQ",
    "awq": "AWQ",
    "aqlm": "AQLM",
    "eetq": "EETQ",
    "hqq": "HQQ",
    "fp8": "FP8",
    "mxfp4": "MXFP4",
}


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit at the key for bits, where it is known what the tool makes of the checkpoint."""
    setting = context.setting
    if setting.form != "tool" or setting.calls or setting.quantization not in ("4bit", "8bit"):
        return
    method = _find_method(context)
    base = load_quantized_base(setting.tool_name) if method else None
    place = _find_place(context) if base is not None else None
    if method is None or base is None or place is None:
        return
    by_name = context.tree is None
    stored = f"{setting.model} is {'by its name ' if by_name else ''}stored in "
    stored += _NAMES.get(method, method)
    if method in base.refused_methods:
        says = f"transformers refuses the BitsAndBytesConfig of `{place[-1]}`"
    elif method in base.widened_methods:
        says = f"it is turned into 16 bits, and `{place[-1]}` is passed over"
    elif method in base.kept_methods:
        says = f"it stays as it is, and `{place[-1]}` is passed over"
    else:
        return
    yield Hit(
        f"{stored}: {says}",
        place,
        help=f"take {place[-1]} out, or name a checkpoint that is stored in 16 bits",
        field=str(place[-1]),
        notes=(f"{setting.tool_name}: {base.source}",),
        severity="error" if method in base.refused_methods and not by_name else "warning",
    )


def _find_method(context: RuleContext) -> str | None:
    """The method of the checkpoint by its config.json, or by the end of its id, which is a habit of
    those who publish such checkpoints and no certainty.
    """
    if context.tree is not None:
        return quantization.find_quantization_method(context.tree)
    model = context.setting.model
    return quantization.find_method_in_id(model) if isinstance(model, str) else None


def _find_place(context: RuleContext) -> Path | None:
    """Where the file says how the model is loaded: at its top, or in the block of the setting."""
    setting = context.setting
    if setting.options is not None:
        name = next((key for key in _KEYS if setting.options.get(key)), None)
        return (*setting.path[:1], name) if name is not None else None
    top = context.document.roots[int(setting.path[0])]
    for path, block in ((setting.path, setting.mapping), (setting.path[:1], top)):
        name = next((key for key in _KEYS if isinstance(block, dict) and block.get(key)), None)
        if name is not None:
            return (*path, name)
    return None
