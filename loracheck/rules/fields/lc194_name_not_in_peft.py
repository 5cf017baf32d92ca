"""A name that is imported from PEFT, and that the release does not have.

## What
`from peft import prepare_model_for_int8_training` under PEFT 0.10 or newer, or a name that came
with a later release than the one that is pinned or installed; or a name in another spelling, as
`LoRAConfig`. An import inside `try`, or below a
condition, is left alone.

## Why
The import ends with ImportError, before anything is loaded. `prepare_model_for_int8_training` was
renamed to `prepare_model_for_kbit_training` in PEFT 0.4 and taken out in 0.10. Seen in
huggingface/peft issue 1583, huggingface/peft issue 2319, huggingface/peft issue 108 and
keitazoumana/Medium-Articles-Notebooks issue 3.

## Bad
```python
from peft import LoraConfig, get_peft_model, prepare_model_for_int8_training
from transformers import AutoModelForCausalLM
model = prepare_model_for_int8_training(AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-7B"))
model = get_peft_model(model, LoraConfig(r=8, target_modules=["q_proj"], task_type="CAUSAL_LM"))
```

## Good
```python
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM
model = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-7B")
model = get_peft_model(model, LoraConfig(r=8, target_modules=["q_proj"], task_type="CAUSAL_LM"))
```

## Fix
Write the name that the finding gives, or use the release that has it.

## Source
`__init__.py` of each PEFT release from 0.0.1 to 0.20.0, and PEFT 0.21.2 `__init__.py`, read name by
name.
"""

from __future__ import annotations

from loracheck.config.release_values import parse_release_number
from loracheck.documents.python.imports import read_imported_names
from loracheck.rules.support.script_calls import is_script
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.model import Document, Span
    from loracheck.releases.choose import Choice
    from loracheck.rules.context import RuleContext

CODE = "LC194"
NAME = "name-not-in-peft"
SEVERITY = "error"

_KBIT = "prepare_model_for_kbit_training"

_GONE = {
    "prepare_model_for_int8_training": ("0.10.0", _KBIT),
    "prepare_model_for_training": ("0.2.0", _KBIT),
    "BoneConfig": ("0.19.0", "MissConfig"),
    "BoneModel": ("0.19.0", "MissModel"),
}
"""Names that PEFT has taken out: the first release without, and what does the same. (The second was
in the repository alone, before 0.2.)
"""

_SINCE = {
    "0.4.0": (_KBIT, "AutoPeftModel", "AutoPeftModelForCausalLM", "PeftModelForFeatureExtraction"),
    "0.5.0": ("inject_adapter_in_model", "load_peft_weights"),
    "0.7.0": ("LoftQConfig", "PeftMixedModel"),
    "0.8.0": ("cast_mixed_precision_params",),
    "0.10.0": ("replace_lora_weights_loftq",),
    "0.11.0": ("get_layer_status", "get_model_status"),
    "0.12.0": ("LoraRuntimeConfig", "XLoraConfig"),
    "0.14.0": ("EvaConfig", "initialize_lora_eva_weights", "get_eva_state_dict"),
    "0.15.0": ("TrainableTokensConfig",),
    "0.17.0": ("MissConfig", "ShiraConfig"),
    "0.18.0": ("ArrowConfig", "create_arrow_model", "PeftWarning"),
    "0.19.0": ("LoraGAConfig", "BdLoraConfig", "preprocess_loraga", "convert_to_lora"),
    "0.20.0": ("MontecloraConfig", "VeloraConfig", "find_kappa_target_modules"),
}
"""Names of LoRA's own that came later, by the release that brought them."""


_NAMES = (
    *(
        "LoraConfig",
        "LoraModel",
        "AdaLoraConfig",
        "PeftConfig",
        "PeftModel",
        "PeftType",
        "TaskType",
    ),
    *("AutoPeftModel", "AutoPeftModelForCausalLM", "PeftModelForCausalLM"),
    *("PeftMixedModel", "TaskType"),
    *("get_peft_model", "get_peft_config", "get_peft_model_state_dict", "LoftQConfig"),
    *("set_peft_model_state_dict", _KBIT, "inject_adapter_in_model"),
)
"""Names of PEFT 0.21.2 that are written with other capitals or underscores."""


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for every such name; the first setting of the file speaks."""
    document, releases = context.document, context.releases
    if not context.first or releases is None or not is_script(document):
        return
    late = {
        name: release
        for release, names in _SINCE.items()
        for name in names
        if releases.peft.certain and not _has_come(releases.peft.version, release)
    }
    gone = {
        name: known
        for name, known in _GONE.items()
        if name in document.source and _has_come(releases.peft.version, known[0])
    }
    yield from _compare(document, releases.peft, gone, late)


def _compare(
    document: Document, release: Choice, gone: dict[str, tuple[str, str]], late: dict[str, str]
) -> Iterator[Hit]:
    """One hit for every import of a name that is gone, or has not come."""
    for imported in read_imported_names(document.syntax, "peft"):  # type: ignore[attr-defined]
        span: Span = document.lines.span(imported.place.start, imported.place.end)  # type: ignore[attr-defined]
        said = f"PEFT {release.version} has no `{imported.name}`: ImportError"
        notes = (f"PEFT is {release.reason}",)
        if imported.name in gone:
            since, instead = gone[imported.name]
            yield Hit(
                said,
                span,
                help=f"write {instead}",
                notes=(*notes, f"it is gone since PEFT {since}"),
            )
        elif imported.name in late:
            needed = late[imported.name]
            yield Hit(said, span, help=f"use PEFT {needed} or newer, which has it", notes=notes)
        elif (written := _find_spelling(imported.name)) is not None:
            yield Hit(f"PEFT has no `{imported.name}`: ImportError", span, help=f"write {written}")


def _find_spelling(name: str) -> str | None:
    """PEFT's name that a name is another spelling of; None for PEFT's own and for any other."""
    plain = name.replace("_", "").lower()
    alike = (one for one in _NAMES if one.replace("_", "").lower() == plain)
    return None if name in _NAMES else next(alike, None)


def _has_come(version: str, release: str) -> bool:
    """Whether a release is `release` or a later one."""
    return parse_release_number(version) >= parse_release_number(release)
