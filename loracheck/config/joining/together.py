"""What PEFT makes of several saved adapters that are loaded on one model, each to be chosen by
`set_adapter` (PEFT 0.21.2 `tuners/tuners_utils.py` and `tuners/lora/model.py`,
`_check_new_adapter_config`; executed, `bench/oracle/joined_adapters.py`).
"""

from __future__ import annotations

from loracheck.type_checking import TYPE_CHECKING

from .adapter import Adapter, Trouble

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ONE_WITH_PARAMETERS, SAME_PARAMETERS = (0, 17), (0, 20)
"""PEFT releases from which one adapter, and several of the same names, may have target_parameters
(PEFT 0.18.1 `tuners/lora/model.py`, line 174).
"""

APART = "load each on a base model of its own"


def check_together(adapters: Sequence[Adapter], release: tuple[int, ...]) -> Iterator[Trouble]:
    """What is wrong with loading the adapters on one model, in the best order, under a PEFT
    release.
    """
    yield from _find_biases(adapters)
    yield from _find_parameters(adapters, release)
    yield from _find_two_uses(adapters)
    yield from _find_order(adapters)
    for one in adapters:
        if len(adapters) > 1 and isinstance(one.get("layer_replication"), list):
            yield Trouble(
                "changes",
                f"layer_replication of `{one.name}` rebuilds the layers under the other adapters: "
                "their answers are others",
                APART,
            )
            return


def _find_biases(adapters: Sequence[Adapter]) -> Iterator[Trouble]:
    with_bias = [one for one in adapters if one.get("bias") in ("all", "lora_only")]
    if len(with_bias) > 1:
        yield Trouble(
            "raises",
            "LoraModel supports only 1 adapter with bias, and "
            f"`{with_bias[0].name}` and `{with_bias[1].name}` have one",
            f'train all but one with bias="none", or {APART}',
        )
    elif with_bias and len(adapters) > 1:
        yield Trouble(
            "changes",
            f"the biases that `{with_bias[0].name}` trained stay on the model when another adapter "
            "is chosen: the others' answers are changed",
            APART,
        )


def _find_parameters(adapters: Sequence[Adapter], release: tuple[int, ...]) -> Iterator[Trouble]:
    """Two adapters with target_parameters that the release refuses beside each other."""
    first: tuple[Adapter, set[str]] | None = None
    for one in adapters if release >= ONE_WITH_PARAMETERS else ():
        value = one.get("target_parameters")
        names = {str(name) for name in value} if isinstance(value, list) else set()
        if not names:
            continue
        if first is None:
            first = one, names
        elif release < SAME_PARAMETERS:
            yield Trouble(
                "raises",
                "PEFT before 0.20 takes one adapter with target_parameters on a model, and "
                f"`{first[0].name}` and `{one.name}` both have them",
                f"use PEFT 0.20 or newer, or {APART}",
            )
            return
        elif names != first[1]:
            yield Trouble(
                "raises",
                "all adapters of a model must have the same target_parameters, and those of "
                f"`{first[0].name}` and `{one.name}` differ",
                APART,
            )
            return


def _find_two_uses(adapters: Sequence[Adapter]) -> Iterator[Trouble]:
    """A module that one adapter trains in full, and that another puts LoRA on or trains rows of."""
    for one in adapters:
        saved = one.get("modules_to_save")
        for name in map(str, saved) if isinstance(saved, list) else ():
            for other in adapters:
                use = None if other is one else _find_other_use(other, name)
                if use is not None:
                    yield Trouble(
                        "raises",
                        f"`{one.name}` trains `{name}` in full and `{other.name}` {use}: they "
                        "cannot be on one model",
                        APART,
                    )
                    return


def _find_other_use(adapter: Adapter, name: str) -> str | None:
    for module in adapter.ranks or {}:
        if module == name or module.endswith(f".{name}"):
            return "has LoRA on it"
    tokens = adapter.get("trainable_token_indices")
    modules = tokens if isinstance(tokens, dict) else {"embed_tokens": tokens} if tokens else {}
    return "trains rows of it" if name in modules else None


def _find_order(adapters: Sequence[Adapter]) -> Iterator[Trouble]:
    """Adapters with token rows, which must be loaded after those without."""
    with_tokens = [one.name for one in adapters if _has_tokens(one)]
    if with_tokens and len(with_tokens) < len(adapters):
        yield Trouble(
            "raises",
            "an adapter without trainable_token_indices cannot be loaded after one that has them: "
            "PEFT raises KeyError",
            f"load {', '.join(f'`{name}`' for name in with_tokens[:3])} last",
        )


def _has_tokens(adapter: Adapter) -> bool:
    return isinstance(adapter.get("trainable_token_indices"), (list, dict)) and bool(
        adapter.get("trainable_token_indices")
    )
