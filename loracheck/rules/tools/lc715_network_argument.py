"""An argument of a network module that the module does not take as it stands.

## What
An entry of `network_args` (sd-scripts, musubi-tuner, and the tools around them) with a name that
the network module does not know, a value that it cannot read, a block that the model does not have,
a switch that is not spelt as the module asks for it, an argument that has no effect there, or one
that is given twice.

## Why
The trainer hands `key=value` on as keywords, and each module picks those that it knows:
`train_block` for `train_blocks`, or `down_lr_weight` with the module for FLUX.1, is dropped without
a word, and `split_qkv=true` is off because only `True` counts. A value that cannot be read stops
the run after the model is loaded. Seen in kohya-ss/sd-scripts issue 1502.

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

from typing import TYPE_CHECKING

from loracheck.rules.support.phrases import quote_names
from loracheck.rules.types import Hit
from loracheck.tools.core.lora_evidence import compute_edit_distance
from loracheck.tools.core.network_arguments import (
    KEY,
    MODULE,
    find_network,
    is_open,
    judge,
    list_arguments,
    list_module_names,
    load_networks,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.rules.context import RuleContext
    from loracheck.tools.core.network_arguments import Argument, Given, Network
    from loracheck.tools.core.setting import Setting

CODE = "LC715"
NAME = "network-argument"
SEVERITY = "error"
HIGH = 16
"""From this rank on an alpha of 1 is said to be small, as for LoRA's own rank (LC303)."""


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for each argument that the module does not take as it stands."""
    setting = context.setting
    if not load_networks(setting.tool_name):
        return
    given = list(list_arguments(setting))
    network = find_network(setting)
    yield from _check_form(given)
    yield from _check_repeated_names(given)
    if network is None:
        yield from _check_module(setting)
        return
    names = {one.name for one in given}
    for one in given:
        argument = network.argument(one.name or "")
        if argument is not None:
            yield from _judge(one, argument, names, network, settled=not is_open(setting))
        elif one.name is not None and one.name not in network.near:
            yield _build_unknown_argument_hit(one, network, setting)


def _check_module(setting: Setting) -> Iterator[Hit]:
    """A hit for a module one letter away from a known one; digits may tell modules apart."""
    named = setting.mapping.get(MODULE)
    known = list_module_names()
    if not isinstance(named, str) or named in known or named[-1:].isdigit():
        return
    meant = next((name for name in known if compute_edit_distance(named, name, 1) <= 1), None)
    if meant is not None:
        yield Hit(
            f"`{named}` is no network module that is known here: the run stops at its import",
            (*setting.path, MODULE),
            help=f"write {meant}",
            field=MODULE,
            severity="warning",
        )


def _check_form(given: list[Given]) -> Iterator[Hit]:
    for one in given:
        if one.name is None and one.entry.strip(".… "):  # a page's "..." stands for others
            yield Hit(
                f"`{one.entry}` is no `key=value`, and the run stops there",
                one.place,
                help=f"write {one.entry.strip() or 'key'}=..., without blanks around `=`",
                field=KEY,
            )


def _check_repeated_names(given: list[Given]) -> Iterator[Hit]:
    """A hit for each name that comes again with another value: the last one counts."""
    last = {one.name: one for one in given}
    for one in given:
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
    one: Given, argument: Argument, names: set[str | None], network: Network, *, settled: bool
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
    elif argument.needs and settled and not names.intersection(argument.needs):
        yield Hit(
            f"`{one.entry}` has no effect without {quote_names(list(argument.needs))}",
            one.place,
            help=f"give {argument.needs[0]} as well, or take it out",
            field=KEY,
            severity="warning",
        )
    elif argument.alpha and settled and argument.alpha not in names and int(one.value) >= HIGH:
        yield Hit(
            f"`{one.entry}` with {argument.alpha} at its default of 1: updates of convolutions are "
            f"multiplied by 1/{int(one.value)} = {1 / int(one.value):.3g}",
            one.place,
            help=f"write {argument.alpha}={int(one.value)}, or the alpha that is meant",
            field=KEY,
            severity="warning",
        )


def _build_unknown_argument_hit(one: Given, network: Network, setting: Setting) -> Hit:
    name = (one.name or "").strip()
    known = [argument.name for argument in network.arguments if argument.dead is None]
    right = next(
        (other for other in known if compute_edit_distance(name.lower(), other, 2) <= 2), None
    )
    others = [n.name for n in load_networks(setting.tool_name) if n.argument(name) is not None]
    if right is not None:
        help = f"write {right}={one.value.strip()}, without blanks around `=`"
    elif others:
        help = f"it is an argument of {quote_names(others[:4])}"
    else:
        help = f"{network.name} takes {quote_names(known)}"
    return Hit(
        f"{network.name} has no argument `{one.name}`, and drops it without a word",
        one.place,
        help=help,
        field=KEY,
        notes=(f"{network.name}: {network.source}",),
        severity="warning",
    )
