"""Names of modules misspelt: what is wrong with them, and the mend. No model is needed.

`whole`, `lone` and `entry` give the Slip in the form of a string, of a string that is one name, and
of a list's entry: only for text that is no name of a module in any model, or that means something
else than it seems to. `pattern` and `told` ask of an entry, `nearly` compares it with another name.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from loracheck.trees.roles import EITHER, IN_ATTENTION, IN_MLP

_WITHOUT_ROLE = ("in_proj_qkvz", "output_projection", "out_projection", "ff_in", "ff_out")
"""Names that `trees/roles.py` has no role for. The last three are diffusers' (0.42.1,
`transformer_minimax_music3.py`, `auraflow_transformer_2d.py`).
"""

LINEAR_NAMES = frozenset({*EITHER, *IN_ATTENTION, *IN_MLP, *_WITHOUT_ROLE})
"""Usual names of linear layers."""


class NameTypo(NamedTuple):
    """What is wrong, and what to write instead."""

    text: str
    help: str


KEYWORDS = frozenset(
    {"all", "all_linear", "all-linears", "alllinear", "lora_target_linear", "lora_target"}
)
"""Other tools' words for "every linear layer" (LLaMA-Factory, axolotl, autotrain)."""

_LIST = re.compile(r"\s*[\[(]?\s*(['\"]?[\w.-]+['\"]?\s*[,;]\s*)+['\"]?[\w.-]*['\"]?\s*[\])]?\s*")
_ONE_IN_BRACKETS = re.compile(r"\s*[\[]\s*['\"]?([\w.-]{2,})['\"]?\s*,?\s*[\]]\s*")
_ONE = r"\s*['\"]?[\w.-]+['\"]?\s*"
_MARKED = re.compile(rf"\s*[\[(]{_ONE},?\s*[\])]?\s*|{_ONE},\s*|{_ONE},?\s*[\])]\s*")
"""One name with an end of a list at it: `q_proj,`, `[q_proj`, `v_proj']`, `[Wqkv]`."""
_REGEX = re.compile(r"[*+?^$|()\[\]{}\\]")
_WORD = re.compile(r"[\w.-]+")
_WRAPPED = ("base_model.model.", "base_model.")
_PARAMETER = re.compile(r"(.+?)\.(weight|bias|lora_[AB](\.\w+)*(\.weight)?|base_layer)")
SHORTEST_COMPARED = 5
"""Shorter names are near to too many others."""

_FLAT = ("lora_unet_", "lora_te_", "lora_te1_", "lora_te2_", "lora_transformer_")


@lru_cache(maxsize=4096)
def find_typo_in_string(value: str) -> NameTypo | None:
    """The slip in a field that is one string, taken by PEFT as a regular expression."""
    names = _WORD.findall(value)
    if _LIST.fullmatch(value) or _ONE_IN_BRACKETS.fullmatch(value):
        return NameTypo(
            f"`{value}` is one string, which PEFT takes as a regular expression for a whole name",
            f"write a list: {_shown(names)}",
        )
    if len(names) > 1 and re.fullmatch(r"[\w.-]+(\s+[\w.-]+)+", value):
        return NameTypo(
            f"`{value}` holds several names in one string", f"write a list: {_shown(names)}"
        )
    if value.lower() in KEYWORDS:
        return _keyword(value, "a string")
    return _common(value)


def find_typo_in_single_name(value: str, *, transformer: bool) -> NameTypo | None:
    """The slip of a single name, or of some with `|` between them, where a string is an expression
    for whole names: in a model of transformers no module at the top has the name of a layer. Where
    it may be a model made by hand, names that such models have too (`fc1`, `dense`) say nothing.
    """
    names = value.removeprefix("(").removesuffix(")").split("|")
    leaves = all(name in EITHER or name in IN_ATTENTION for name in names)
    if not leaves or not (transformer or all("_" in n or n == "Wqkv" for n in names)):
        return None
    return NameTypo(
        f"`{value}` is a string, which PEFT takes as a regular expression for a whole name; it "
        "would reach a module at the top of the model alone",
        f"write a list: {_shown(names)}",
    )


@lru_cache(maxsize=4096)
def find_typo_in_entry(name: str) -> NameTypo | None:
    """The slip in one entry of a list."""
    words = _WORD.findall(name)
    if len(words) == 1 and _MARKED.fullmatch(name):
        return NameTypo(
            f"`{name}` has a list's comma or brackets inside the name",
            f"write {words[0]}",
        )
    if _LIST.fullmatch(name):
        return NameTypo(
            f"`{name}` is one list entry; PEFT looks for a module of that whole name",
            f"split it: {_shown(words)}",
        )
    if not name.strip():
        return NameTypo(f"`{name}` is an empty name, which no module has", "remove the empty entry")
    if re.fullmatch(r"[\w.]+(\s+(-\s+)?[\w.]+)+", name):
        return NameTypo(
            f"`{name}` is one list entry, and no module's name has blanks in it",
            f"split it: {_shown(_WORD.findall(name.replace(' - ', ' ')))}",
        )
    if name.isdecimal():
        return NameTypo(
            f"`{name}` is a bare number: it stands for every module of that index, such as "
            f"layer {name} as a whole",
            "name the linear layers; numbers alone are entries of layers_to_transform",
        )
    if name.lower() in KEYWORDS:
        return _keyword(name, "a list entry")
    return _common(name)


def has_rule_of_its_own(name: str) -> bool:
    """Whether the entry is a fault of form with a rule of its own: LC103, LC203, LC204, LC213."""
    form = name.lower() in ("all-linear", "dummy-target-modules")
    return form or is_pattern(name) or find_typo_in_entry(name) is not None


@lru_cache(maxsize=4096)
def is_pattern(name: str) -> bool:
    """Whether a list entry is written as a pattern: with signs that no module's name has, and that
    are not the ends of a list around names (`entry` tells of those).
    """
    signs = _REGEX.search(name) is not None
    return signs and not (_MARKED.fullmatch(name) or _LIST.fullmatch(name))


def is_near_miss(name: str, meant: str) -> bool:
    """Whether `name` is `meant` with one letter more, less or other, two letters swapped, other
    case, or its `proj` written out. Digits tell modules apart (`linear1`, `linear2`), so they are
    never slips.
    """
    if name == meant or len(name) < SHORTEST_COMPARED or len(meant) < SHORTEST_COMPARED:
        return False
    if name.lower() == meant.lower():
        return True
    if meant.endswith("proj") and name.startswith(meant) and name[len(meant) :].isalpha():
        return True
    if abs(len(name) - len(meant)) > 1:
        return False
    start = next((i for i, (a, b) in enumerate(zip(name, meant, strict=False)) if a != b), None)
    at = min(len(name), len(meant)) if start is None else start
    one, other = name[at:], meant[at:]
    if any(c.isdigit() for c in one[:1] + other[:1]):
        return False
    # A letter that stands alone is a name of its own: `g_proj` is not meant to be `q_proj`.
    alone = (at == 0 or meant[at - 1] == "_") and other[1:2] == "_"
    swapped = one[:2] == other[1::-1] and one[2:] == other[2:]
    return (one[1:] == other[1:] and not alone) or one[1:] == other or one == other[1:] or swapped


def _keyword(word: str, what: str) -> NameTypo:
    return NameTypo(
        f"`{word}` as {what} is the name of a module to PEFT, not a keyword",
        'for every linear layer write the string: target_modules: "all-linear"',
    )


def _common(name: str) -> NameTypo | None:
    bare = name.strip().strip("'\"").strip()
    if bare != name and bare:
        inside = "quotes" if name.strip() != bare else "blanks"
        return NameTypo(f"`{name}` has {inside} inside the name", f"write {bare}")
    for prefix in _WRAPPED:
        if name.startswith(prefix):
            return NameTypo(
                f"`{name}` begins with the wrapper's own prefix `{prefix}`",
                f"PEFT compares the base model's names: write {name.removeprefix(prefix)}",
            )
    found = _PARAMETER.fullmatch(name)
    if found:
        return NameTypo(
            f"`{name}` is a parameter; PEFT compares names of modules", f"write {found.group(1)}"
        )
    if name.startswith(_FLAT):
        return NameTypo(
            f"`{name}` is a flattened name of kohya's sd-scripts; PEFT's names have dots",
            "convert the names to those of the model",
        )
    return None


def _shown(names: list[str]) -> str:
    return "[" + ", ".join(f'"{name}"' for name in dict.fromkeys(names)) + "]"
