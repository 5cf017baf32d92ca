"""A call of PEFT with arguments in a form that it does not take.

## What
- `LoraModel(...)` without a name for the adapter, and `LoraModel.from_pretrained`;
- `get_peft_model(config, model)`, config and model in the wrong order, `get_peft_model` with a
  dict or a folder in the place of the config, or with the base model's name in the place of the
  model; `inject_adapter_in_model(model, config)`, which takes them the other way round;
- `PeftModel(model, "folder")`, `PeftModel.from_pretrained("name", "folder")` with the base model's
  name in the place of the model, or with the folder alone;
- `AutoPeftModel....from_pretrained(model, "folder")`, which loads the base model itself;
- `peft_config=` for `from_pretrained` of transformers;
- `load_adapter(folder)` of a PEFT model without a name, and its `set_adapter([...])` with a list;
- `add_weighted_adapter` without a name for the combination;
- what `set_peft_model_state_dict` gives back, taken for the model, or a file's name as its weights;
- `merge_and_unload` or `merge_adapter` with one adapter's name in the place of a list, and
  `save_pretrained(selected_adapters=...)` likewise;
- `PeftModel(config, model)`, and `PeftModel.from_pretrained(model, folder, config)`, whose third
  argument is the adapter's name;
- `generate(input_ids)` of a PEFT model for SEQ_2_SEQ_LM with its inputs by position.

## Why
Each ends with TypeError, AttributeError or ValueError. Seen in huggingface/peft issue 435,
huggingface/peft issue 232, huggingface/peft issue 881, huggingface/peft issue 2592, huggingface/trl
issue 282, tloen/alpaca-lora issue 44 and tloen/alpaca-lora pull request 154.

## Bad
```python
from peft import LoraConfig, LoraModel
from transformers import AutoModelForSeq2SeqLM
config = LoraConfig(r=8, lora_alpha=32, target_modules=["q", "v"], task_type="SEQ_2_SEQ_LM")
model = AutoModelForSeq2SeqLM.from_pretrained("google-t5/t5-base")
model = LoraModel(config, model)
```

## Good
```python
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForSeq2SeqLM
config = LoraConfig(r=8, lora_alpha=32, target_modules=["q", "v"], task_type="SEQ_2_SEQ_LM")
model = AutoModelForSeq2SeqLM.from_pretrained("google-t5/t5-base")
model = get_peft_model(model, config)
```

## Fix
`get_peft_model(model, config)` for a new adapter, `PeftModel.from_pretrained(model, folder)` for a
trained one; else what the finding says.

## Source
PEFT 0.21.2 `tuners/tuners_utils.py` (`BaseTuner.__init__`,
`check_adapters_to_merge`), `mapping_func.py`, `auto.py`,
`peft_model.py` (`from_pretrained`, `load_adapter`, `set_adapter`,
`PeftModelForSeq2SeqLM.generate`), `tuners/lora/model.py` (`add_weighted_adapter`),
`utils/save_and_load.py`; transformers 5.24.0 `modeling_utils.py`. Each executed on a tiny T5 or a
tiny Llama.
"""

from __future__ import annotations

from loracheck.documents.python.known_calls import KEEPS_OWNER, is_adapter_load
from loracheck.lazy_pattern import compile_when_used
from loracheck.rules.support.script_adapters import find_config_call, find_maker
from loracheck.rules.support.script_calls import (
    MAX_CHAIN,
    find_source_call,
    get_call_span,
    get_model_argument,
    is_model_load,
    is_trainer,
    makes_adapter,
    read_calls,
)
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.model import Document
    from loracheck.documents.python.uses import Operand, Script, Use
    from loracheck.rules.context import RuleContext

CODE = "LC191"
NAME = "peft-call-refused"
SEVERITY = "error"

_TUNERS = frozenset({"peft.LoraModel", "peft.tuners.LoraModel", "peft.tuners.lora.LoraModel"})
_SEQUENCE = "SEQ_2_SEQ_LM"
_WRAPPER = compile_when_used(r"peft\.(?:peft_model\.)?PeftModel(?:For\w+)?")
_LOAD = "PeftModel.from_pretrained(model, folder)"

_LISTS = {
    "merge_and_unload": ("adapter_names", 2),
    "merge_adapter": ("adapter_names", 0),
    "save_pretrained": ("selected_adapters", 2),
}
"""Methods of PEFT models that take a list of adapters' names: the argument and its position."""

Refusal = tuple[str, str]
"""What is wrong with a call, and what to write."""


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for every such call; the first setting of the file speaks."""
    if context.first:
        yield from check_bare(context.document)


def check_bare(document: Document) -> Iterator[Hit]:
    """One hit for every such call of a file."""
    script = read_calls(document, "peft")
    loads = _find_state_loads(script) if script is not None else frozenset()
    for use in script.uses if script is not None else ():
        if script is None or use.fails:
            continue
        refusal = _find_result_refusal(use, loads)
        if refusal is None and use.complete:
            refusal = (
                _find_maker_refusal(script, use)
                or _find_trainer_refusal(use)
                or _find_load_refusal(script, use)
                or _find_method_refusal(script, use)
                or _find_text_refusal(script, use)
            )
        if refusal is not None:
            yield Hit(refusal[0], get_call_span(document, use), help=f"write {refusal[1]}")


def _find_state_loads(script: Script) -> frozenset[int]:
    """The numbers of the calls of `set_peft_model_state_dict`, which give no model back."""
    return frozenset(
        number
        for number, use in enumerate(script.uses)
        if use.name == "peft.set_peft_model_state_dict"
    )


def _find_result_refusal(use: Use, loads: frozenset[int]) -> Refusal | None:
    """What is wrong with a call on, or with, what `set_peft_model_state_dict` gave back."""
    model = get_model_argument(use)
    given = model is not None and bool(model.name) and model.call_number in loads
    called = (
        use.owner.call_number in loads and bool(use.owner.name) and not use.last.startswith("_")
    )
    if called or (given and use.last.endswith("Trainer")):
        return (
            "set_peft_model_state_dict gives no model back, but the names of the keys that did "
            "not fit: AttributeError",
            "set_peft_model_state_dict(model, weights) alone, and keep the model",
        )
    return None


def _find_trainer_refusal(use: Use) -> Refusal | None:
    """What is wrong with the config that a trainer of TRL is given."""
    given = use.arguments.get("peft_config") if use.name.startswith("trl.") else None
    if given is None or not is_trainer(use) or not isinstance(given.value, (dict, str)):
        return None
    kind = "a dict" if isinstance(given.value, dict) else "a text"
    return (
        f"`peft_config` of {use.last} is a config of PEFT, and not {kind}: AttributeError",
        "peft_config=LoraConfig(...)",
    )


def _find_maker_refusal(script: Script, use: Use) -> Refusal | None:
    """What is wrong with a call that is to make a new adapter."""
    if (
        use.name in _TUNERS
        and len(use.arguments) == 2
        and {"adapter_name", 2}.isdisjoint(use.arguments)
    ):
        return (
            "LoraModel takes the model, the config and the adapter's name: TypeError",
            "get_peft_model(model, config)",
        )
    config = use.arguments.get("peft_config", use.arguments.get(1))
    if use.name.endswith("get_peft_model") and makes_adapter(use):
        if _makes_config(script, use.arguments.get(0)) and 1 in use.arguments:
            return (
                "get_peft_model takes the model first: AttributeError",
                "get_peft_model(model, config)",
            )
        model = get_model_argument(use)
        if model is not None and isinstance(model.value, str):
            return (
                "get_peft_model takes the loaded model, and no name: AttributeError",
                "model = AutoModelForCausalLM.from_pretrained(name) before it",
            )
        if config is not None and isinstance(config.value, (dict, str)):
            kind = "a dict" if isinstance(config.value, dict) else "a folder's name"
            return (
                f"get_peft_model takes a config, and no {kind.partition(' ')[2]}: AttributeError",
                _LOAD if kind != "a dict" else "LoraConfig(**config)",
            )
    if use.name == "peft.inject_adapter_in_model" and _makes_config(script, config):
        return (
            "inject_adapter_in_model takes the config first: AttributeError",
            "inject_adapter_in_model(config, model)",
        )
    if _WRAPPER.fullmatch(use.name) and _makes_config(script, use.arguments.get(0)):
        return (
            f"{use.last} takes the model first: AttributeError",
            "get_peft_model(model, config)",
        )
    if _WRAPPER.fullmatch(use.name) and config is not None and isinstance(config.value, str):
        return f"{use.last} takes a config, and no folder: AttributeError", _LOAD
    if is_model_load(use) and "peft_config" in use.arguments:
        return (
            "from_pretrained of transformers has no argument `peft_config`: TypeError",
            "model = get_peft_model(model, config) after it",
        )
    return None


def _makes_config(script: Script, operand: Operand | None) -> bool:
    """Whether an operand is a LoraConfig, for certain."""
    call = find_source_call(script, operand)
    return call is not None and call.last == "LoraConfig"


def _find_load_refusal(script: Script, use: Use) -> Refusal | None:
    """What is wrong with a call that is to load a trained adapter."""
    owner = use.name.removesuffix(".from_pretrained")
    if use.last != "from_pretrained" or owner == use.name:
        return None
    if owner in _TUNERS:
        return "LoraModel has no from_pretrained: AttributeError", _LOAD
    first = use.arguments.get(0, use.arguments.get("model"))
    if owner.startswith("peft.AutoPeftModel"):
        load = find_source_call(script, first)
        if load is not None and is_model_load(load):
            return (
                f"{owner.removeprefix('peft.')} loads the base model itself, and takes no model: "
                "TypeError",
                "PeftModel.from_pretrained(model, folder), or the folder alone",
            )
    elif is_adapter_load(use.name) and _WRAPPER.fullmatch(owner) and first is not None:
        if {1, "model_id"}.isdisjoint(use.arguments):
            return "from_pretrained of PeftModel takes the model and the folder: TypeError", _LOAD
        if isinstance(first.value, str):
            return (
                "from_pretrained of PeftModel takes the loaded model, and no name: AttributeError",
                _LOAD,
            )
        if _makes_config(script, use.arguments.get(2)):
            return (
                "from_pretrained of PeftModel takes the adapter's name as its third argument: "
                "TypeError",
                f"{_LOAD}, which reads the config from the folder",
            )
    return None


def _find_method_refusal(script: Script, use: Use) -> Refusal | None:
    """What is wrong with a call of a PEFT model's method."""
    if use.last == "load_adapter" and {1, "adapter_name"}.isdisjoint(use.arguments):
        if use.arguments and find_maker(script, use.owner) is not None:
            return (
                "load_adapter of a PEFT model needs a name for the adapter: TypeError",
                'load_adapter(folder, adapter_name="...")',
            )
    elif use.last == "add_weighted_adapter" and {2, "adapter_name"}.isdisjoint(use.arguments):
        if not {0, "adapters"}.isdisjoint(use.arguments):
            return (
                "add_weighted_adapter needs a name for the combination: TypeError",
                'add_weighted_adapter([...], [...], adapter_name="...")',
            )
    elif use.last == "set_adapter":
        names = use.arguments.get(0, use.arguments.get("adapter_name"))
        maker = find_maker(script, use.owner)
        mixed = maker is not None and ("Mixed" in script.uses[maker].name)
        mixed = mixed or (maker is not None and "mixed" in script.uses[maker].arguments)
        if names is not None and isinstance(names.value, list) and maker is not None and not mixed:
            return (
                "set_adapter of a PEFT model takes one name: TypeError",
                "model.base_model.set_adapter([...])",
            )
    elif use.last == "generate" and 0 in use.arguments and _is_sequence_model(script, use.owner):
        name = use.arguments[0].name or "input_ids"
        return (
            f"generate of a PEFT model for {_SEQUENCE} takes keywords only: TypeError",
            f"generate(input_ids={name})",
        )
    return None


def _find_text_refusal(script: Script, use: Use) -> Refusal | None:
    """What is wrong with a text where a list of adapters' names, or weights, are taken."""
    if use.name == "peft.set_peft_model_state_dict":
        weights = use.arguments.get("peft_model_state_dict", use.arguments.get(1))
        if weights is not None and isinstance(weights.value, str):
            return (
                "set_peft_model_state_dict takes the weights, and no file's name: AttributeError",
                "set_peft_model_state_dict(model, safetensors.torch.load_file(file))",
            )
    key, position = _LISTS.get(use.last, ("", 0))
    names = use.arguments.get(key, use.arguments.get(position)) if key else None
    if names is None or not isinstance(names.value, str) or len(names.value) < 2:
        return None
    if find_maker(script, use.owner) is None:
        return None
    raised = "ValueError" if use.last == "save_pretrained" else "TypeError"
    return (
        f"{key} of {use.last} is a list of adapters' names, and no text: {raised}",
        f'{key}=["{names.value}"]',
    )


def _is_sequence_model(script: Script, operand: Operand | None) -> bool:
    """Whether a model is PEFT's wrapper for SEQ_2_SEQ_LM, for certain."""
    for _ in range(MAX_CHAIN):
        use = find_source_call(script, operand)
        if use is None:
            return False
        if use.last in KEEPS_OWNER:
            operand = use.owner
            continue
        if use.name.endswith("PeftModelForSeq2SeqLM.from_pretrained"):
            return makes_adapter(use)
        config = find_config_call(script, use) if use.last == "get_peft_model" else None
        if config is None or not makes_adapter(use):
            return False
        task = config.arguments.get("task_type", config.arguments.get(0))
        return task is not None and _SEQUENCE in (task.value, task.path.rpartition(".")[2])
    return False
