"""A field that PEFT refuses on the quantised layers of this checkpoint.

## What
DoRA, a LoRA bias, a variant or an initialisation, asked for on a checkpoint whose quantisation
method PEFT has a special layer for that does not support it; or `all-linear` where the quantised
layers are no `nn.Linear`, so that PEFT does not see them (GPTQ, AWQ, AQLM, EETQ, HQQ); or a
quantised layer in `modules_to_save`.

PEFT's other methods: LoHa, LoKr, HRA and others reckon with the weight as numbers, which layers of
4 bits do not hold. Some fail while they wrap, some in the first forward pass.

## Why
PEFT raises ValueError in the middle of the wrapping, after the quantised model was loaded. The
module tree looks the same as the plain model's; only the classes differ. DoRA on 4 bits was refused
until PEFT 0.10 (huggingface/peft issue 1991).

## Bad
```python
from peft import LoraConfig
from transformers import AutoModelForCausalLM
model = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-7B", load_in_4bit=True)
config = LoraConfig(r=16, lora_alpha=16, target_modules=["q_proj", "v_proj"],
                    velora_config={"num_groups": 64})
```

## Good
```python
from peft import LoraConfig
from transformers import AutoModelForCausalLM
model = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-7B", load_in_4bit=True)
config = LoraConfig(r=16, lora_alpha=16, target_modules=["q_proj", "v_proj"], use_dora=True)
```

## Fix
Take the field out, or load the model without that quantisation.

## Source
PEFT 0.21.2 `tuners/lora/bnb.py`, `tuners/lora/gptq.py`, `tuners/lora/awq.py`,
`tuners/lora/aqlm.py`, `tuners/lora/eetq.py`, `tuners/lora/hqq.py`, `tuners/lora/torchao.py`,
`tuners/lora/layer.py` (`pissa_init` and its kin), `tuners/tuners_utils.py`
(`_maybe_include_all_linear_layers`); run with bitsandbytes on a CPU, and on stand-ins for the other
classes. Of the methods beside LoRA each was run on layers of bitsandbytes 0.50.2
(`python -m bench.peft_module_kinds`).
"""

from __future__ import annotations

from loracheck.config.module_kinds import find_quantized_refusal
from loracheck.rules.support.linear_layers import LINEAR_KINDS
from loracheck.rules.types import Hit
from loracheck.trees import quantization
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.rules.context import RuleContext

CODE = "LC230"
NAME = "quantized-refuses"
SEVERITY = "error"
SPELLED = {"4bit": "bitsandbytes-4bit", "8bit": "bitsandbytes-8bit"}
"""How a Setting names what the loading code asks for -> the method's name in config.json."""

LEAVE = "leave it out, or load the model without that quantisation"
WORDS = {
    "target_modules": (
        "`all-linear` does not see {1} layers: they are no `nn.Linear`",
        "write out the names of the layers",
    ),
    "init_lora_weights": (
        "this `{0}` reads the weight, which {1} layers do not have as numbers",
        "use the default, or prepare the adapter on the unquantised model",
    ),
}
FIELDS = (
    *("target_modules", "init_lora_weights", "use_dora", "lora_bias", "velora_config"),
    *("kasa_config", "monteclora_config", "use_bdlora", "arrow_config", "alora_invocation_tokens"),
)
"""What any method objects to."""


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for every switched-on field that the method's layers refuse."""
    method = (
        quantization.find_quantization_method(context.tree) if context.tree is not None else None
    )
    requested = context.setting.quantization
    name = SPELLED.get(requested, requested) if requested else method
    known_method = quantization.find_method(name) if name else None
    if known_method is None or context.tree is None:
        return
    if context.setting.method is not None:
        yield from _check_method(context, context.setting.method, str(name))
        return
    note = (quantization.describe_method(str(name)),)
    values = {field: context.value(field) for field in FIELDS if context.is_set(field)}
    for field in (
        quantization.list_refused_fields(known_method, values)
        if _reaches_quantized_layer(context)
        else ()
    ):
        if field == "target_modules" and context.setting.behaviour.lists_linear:
            continue
        why, help_text = WORDS.get(field, ("PEFT refuses `{}` on {} layers", LEAVE))
        text = why.format(_find_own_key(context, field), name)
        yield Hit(text, context.place(field), help=help_text, field=field, notes=note)
    for field in known_method.ignores if _reaches_quantized_layer(context) else ():
        if values.get(field) not in (None, False):
            yield Hit(
                f"`{field}` has no effect on {name} layers: PEFT passes over it without a word",
                context.place(field),
                help=LEAVE,
                field=field,
                notes=note,
                severity="warning",
            )
    for entry in _list_saved_quantized_layers(context) if name != "torchao" else ():
        yield Hit(
            f"`{entry}` in `modules_to_save` is a {name} layer, whose weights cannot train",
            context.place("modules_to_save"),
            help="make it a LoRA target",
            field="modules_to_save",
            notes=note,
        )


def _check_method(context: RuleContext, method: str, quantised: str) -> Iterator[Hit]:
    """One hit where another of PEFT's methods reaches a quantised layer that it fails on."""
    refusal, plan, tree = find_quantized_refusal(method, quantised), context.plan, context.tree
    if refusal is None or plan is None or plan.error or tree is None:
        return
    error, late = refusal
    name = next(
        (
            one.group.name
            for one in plan.wrapped
            if (node := tree.find(one.group.name)) is not None
            and node.kind in LINEAR_KINDS
            and quantization.is_quantized(one.group.name, tree)
        ),
        None,
    )
    if name is not None:
        when = "the first forward pass" if late else "the wrapping"
        yield Hit(
            f"{method} does not work on {quantised} layers: {when} fails at `{name}`",
            context.place("target_modules"),
            help="load the model without that quantisation, or use LoRA",
            field="target_modules",
            notes=(f"it ends with {error.exception}: {error.text}",),
        )


def _find_own_key(context: RuleContext, field: str) -> str:
    """The key at which the file asks for the field: a tool may have a switch for one value."""
    key = context.setting.places.get(field, (field,))[-1]
    return key if isinstance(key, str) and context.setting.tool is not None else field


def _reaches_quantized_layer(context: RuleContext) -> bool:
    """Whether LoRA reaches a quantised layer, as far as that is known."""
    plan, tree = context.plan, context.tree
    if plan is None or plan.error or tree is None:
        return True
    return any(
        one.kind == "linear" and quantization.is_quantized(one.group.name, tree)
        for one in plan.wrapped
    )


def _list_saved_quantized_layers(context: RuleContext) -> list[str]:
    """Entries of modules_to_save that name a quantised layer itself."""
    plan, tree = context.plan, context.tree
    if plan is None or plan.error or tree is None:
        return []
    entries = (
        one.entry
        for one in plan.saved
        if (node := tree.find(one.group.name)) is not None
        and node.kind == "Linear"
        and quantization.is_quantized(one.group.name, tree)
    )
    return list(dict.fromkeys(entries))
