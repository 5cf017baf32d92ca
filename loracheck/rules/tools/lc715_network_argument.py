"""An argument of a network module that the module does not take as it stands.

## What
An entry of `network_args` (sd-scripts, musubi-tuner, and the tools around them) with a name that
the network module does not know, a value that it cannot read, a block that the model does not have,
a switch that is not spelt as the module asks for it, an argument that has no effect there, or one
that is given twice. An argument of the module that is given as an option or key of its own, outside
of `network_args`. Also a `network_module` that finds no layer in the model of the script, or that
another trainer has.

## Why
The trainer hands `key=value` on as keywords, and each module picks those that it knows:
`train_block` for `train_blocks`, or `down_lr_weight` with the module for FLUX.1, is dropped without
a word, and `split_qkv=true` is off because only `True` counts. A value that cannot be read stops
the run after the model is loaded. `networks.lora` looks into `Transformer2DModel`, which no model
but a U-Net has: with flux_train_network.py it trains text encoders alone, or nothing. A key that is
no option is passed over in a TOML file (`loraplus_unet_lr_ratio = 16`), and stops a command. Seen
in kohya-ss/sd-scripts issues 1502 and 1479 and bmaltais/kohya_ss issue 3520.

## Bad
```toml
pretrained_model_name_or_path = "flux1-dev.safetensors"
network_module = "networks.lora_flux"
network_dim = 16
network_alpha = 16
network_args = ["train_block=single", "train_double_block_indices=0-19"]
```

## Good
```toml
pretrained_model_name_or_path = "flux1-dev.safetensors"
network_module = "networks.lora_flux"
network_dim = 16
network_alpha = 16
network_args = ["train_blocks=single", "train_single_block_indices=0-18"]
```

## Fix
Write the argument that the finding names; numbers of blocks count from 0.

## Source
kohya-ss/sd-scripts commit 48d368f `train_network.py` (train: `net_arg.split("=", 1)`) and
`networks/lora.py`, `networks/lora_flux.py` and their neighbours (create_network); LyCORIS 4.1.3
`lycoris/kohya.py`; kohya-ss/musubi-tuner commit 30c658c `src/musubi_tuner/networks/lora.py`.
"""

from __future__ import annotations

from loracheck.rules.support.phrases import quote_names
from loracheck.rules.types import Hit
from loracheck.tools.core.lora_evidence import compute_edit_distance
from loracheck.tools.core.network_arguments import (
    KEY,
    MODULE,
    find_module_key,
    find_network,
    is_open,
    list_arguments,
    list_modules,
    load_networks,
)
from loracheck.tools.core.network_values import judge
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.rules.context import RuleContext
    from loracheck.tools.core.network_arguments import Argument, GivenArgument, Network
    from loracheck.tools.core.setting import Setting

CODE = "LC715"
NAME = "network-argument"
SEVERITY = "error"
SLIPS = {
    **dict.fromkeys(("networks.lora_sd", "networks.lora_sdxl"), "networks.lora"),
    "networks.lora_chroma": "networks.lora_flux",
    "networks.lora_hunyuan_video": "networks.lora",
    "networks.lora_qwen": "networks.lora_qwen_image",
}
"""Names that no trainer has -> the module for that model."""
HIGH = 16
"""From this rank on an alpha of 1 is said to be small, as for LoRA's own rank (LC303)."""


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for each argument that the module does not take as it stands."""
    setting = context.setting
    if not load_networks(setting.tool_name):
        return
    arguments = list(list_arguments(setting))
    network = find_network(setting)
    yield from _check_form(arguments)
    yield from _check_repeated_names(arguments)
    if network is None:
        yield from _check_module(setting)
        return
    yield from _check_script(network, setting)
    yield from _check_misplaced(network, setting)
    names = {one.name for one in arguments}
    last = {one.name: one for one in arguments}
    for one in arguments:
        if one.name is not None and one is not last[one.name]:
            continue  # it comes again, and the last one counts
        argument = network.argument(one.name or "")
        if argument is not None:
            argument = argument.narrow(setting.behaviour.program)
            yield from _judge(one, argument, names, network, arguments_known=not is_open(setting))
        elif one.name is not None and one.name not in network.near:
            yield _build_unknown_argument_hit(one, network, setting)


def _check_module(setting: Setting) -> Iterator[Hit]:
    """A hit for a module of another trainer, a name that people take for a module's, and one letter
    away from a module's; digits may tell modules apart.
    """
    module = setting.mapping.get(MODULE)
    modules = list_modules()
    names = [one.name for _, one in modules]
    if not isinstance(module, str):
        return
    suggestion = SLIPS.get(module)
    full = f"networks.{module.rpartition('/')[2].rpartition('.')[2]}"
    if suggestion is None and full != module and full in names:
        suggestion = full
    if module in names and not _is_script_known(setting):
        return
    if module not in names and suggestion is None and not module[-1:].isdigit():
        suggestion = next(
            (name for name in names if compute_edit_distance(module, name, 1) <= 1), None
        )
    if module in names:
        fitting = [o.name for o in load_networks(setting.tool_name) if _fits(o, setting)]
        tools = [tool for tool, one in modules if one.name == module]
        says, suggestion = f"a network module of {quote_names(tools)}", quote_names(fitting) or None
    else:
        says = "no network module that is known here"
    if suggestion is not None:
        yield Hit(
            f"`{module}` is {says}: the run stops at its import",
            (*setting.path, MODULE),
            help=f"write {suggestion}",
            field=MODULE,
            severity="warning",
        )


def _is_script_known(setting: Setting) -> bool:
    return any(_fits(one, setting) for one in load_networks(setting.tool_name))


def _fits(network: Network, setting: Setting) -> bool:
    return setting.behaviour.program in network.scripts


def _check_script(network: Network, setting: Setting) -> Iterator[Hit]:
    """A hit for a module that finds no layer in the model of the script."""
    if not network.scripts or not _is_script_known(setting) or _fits(network, setting):
        return
    fitting = [one.name for one in load_networks(setting.tool_name) if _fits(one, setting)]
    key = find_module_key(setting)
    yield Hit(
        f"{network.name} finds no layer in the model of {setting.behaviour.program}.py: it looks "
        "into the blocks of another model",
        (*setting.path, key),
        help=f"use {fitting[0]}, or start {' or '.join(f'{one}.py' for one in network.scripts)}",
        field=key,
        notes=(f"{network.name}: {network.source}",),
        severity="warning" if _may_train_text(setting) else None,
    )


def _check_misplaced(network: Network, setting: Setting) -> Iterator[Hit]:
    """A hit for each argument of a network module that stands beside `network_args`; the files of a
    surface have keys of their own.
    """
    if find_module_key(setting) != MODULE:
        return
    stops = setting.document.format == "shell"
    for key, value in setting.mapping.items():
        argument = network.argument(key) if isinstance(key, str) else None
        known = setting.tool is not None and setting.tool.key(str(key)) is not None
        if argument is None or known or argument.dead is not None:
            continue
        yield Hit(
            f"`{key}` is no option of {setting.tool.title if setting.tool else 'the tool'}, "
            + ("which stops at it" if stops else "which passes over it"),
            (*setting.path, key),
            help=f'write it into {KEY}: "{key}={value}"',
            field=KEY,
            notes=(f"{network.name}: {network.source}",),
            severity=None if stops else "warning",
        )


def _may_train_text(setting: Setting) -> bool:
    """Whether text encoders get LoRA, so that something is trained."""
    key = setting.tool.key("network_train_unet_only") if setting.tool is not None else None
    return key is not None and not setting.mapping.get(key.name)


def _check_form(arguments: list[GivenArgument]) -> Iterator[Hit]:
    before = ""
    for one in arguments:
        if one.name is None and one.entry.strip(".… "):  # a page's "..." stands for others
            word = one.entry.strip().strip(",")
            parted = before.endswith(",") or one.entry.startswith(",")
            yield Hit(
                f"`{one.entry}` is no `key=value`, and the run stops there",
                one.place,
                help="write no blanks after the commas, or quotes around the whole argument"
                if parted
                else f"write {word or 'key'}=..., without blanks around `=`",
                field=KEY,
            )
        before = one.entry


def _check_repeated_names(arguments: list[GivenArgument]) -> Iterator[Hit]:
    """A hit for each name that comes again with another value: the last one counts."""
    last = {one.name: one for one in arguments}
    for one in arguments:
        final = last[one.name]
        if one.name is not None and one is not final and one.value != final.value:
            yield Hit(
                f"`{one.entry}` has no effect: `{final.entry}` comes later, and the last counts",
                one.place,
                help="take one of them out",
                field=KEY,
                severity="warning",
                related=((final.place, "this one counts"),),
            )


def _judge(
    one: GivenArgument,
    argument: Argument,
    names: set[str | None],
    network: Network,
    *,
    arguments_known: bool,
) -> Iterator[Hit]:
    if argument.dead is not None:
        yield Hit(
            f"`{one.entry}` has no effect with {network.name}: {argument.dead}",
            one.place,
            help="take it out",
            field=KEY,
            severity="warning",
        )
        return
    problem = judge(argument, one.value)
    if problem is not None:
        yield Hit(
            problem.says,
            one.place,
            help=problem.help,
            field=KEY,
            notes=(f"{network.name}: {network.source}",),
            severity=None if problem.raises else "warning",
        )
    elif argument.needs and arguments_known and not names.intersection(argument.needs):
        yield Hit(
            f"`{one.entry}` has no effect without {quote_names(list(argument.needs))}",
            one.place,
            help=f"give {argument.needs[0]} as well, or take it out",
            field=KEY,
            severity="warning",
        )
    elif (
        argument.alpha
        and arguments_known
        and argument.alpha not in names
        and int(one.value) >= HIGH
    ):
        yield Hit(
            f"`{one.entry}` with {argument.alpha} at its default of 1: updates of convolutions are "
            f"multiplied by 1/{int(one.value)} = {1 / int(one.value):.3g}",
            one.place,
            help=f"write {argument.alpha}={int(one.value)}, or the alpha that is meant",
            field=KEY,
            severity="warning",
        )


def _build_unknown_argument_hit(one: GivenArgument, network: Network, setting: Setting) -> Hit:
    name = (one.name or "").strip()
    names = [argument.name for argument in network.arguments if argument.dead is None]
    right = next(
        (other for other in names if compute_edit_distance(name.lower(), other, 2) <= 2), None
    )
    others = [n.name for n in load_networks(setting.tool_name) if n.argument(name) is not None]
    if right is not None:
        help = f"write {right}={one.value.strip()}, without blanks around `=`"
    elif others:
        help = f"it is an argument of {quote_names(others[:4])}"
    else:
        help = f"{network.name} takes {quote_names(names)}"
    return Hit(
        f"{network.name} has no argument `{one.name}`, and drops it without a word",
        one.place,
        help=help,
        field=KEY,
        notes=(f"{network.name}: {network.source}",),
        severity="warning",
    )
