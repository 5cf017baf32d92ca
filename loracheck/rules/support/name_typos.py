"""Finds module names that are misspelt by form, with what to write instead. No model is needed.

`find_typo_in_string`, `find_typo_in_single_name` and `find_typo_in_entry` look at a string, at a
string that is one name, and at an entry of a list. They answer only for a text that no model has as
a name, or that means something else than it seems to. `is_near_miss` compares two names.
"""

from __future__ import annotations

import re
from functools import lru_cache

from loracheck.named_tuple import NamedTuple
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

_LIST_IN_STRING = r"\s*[\[(]?\s*(['\"]?[\w.-]+['\"]?\s*[,;]\s*)+['\"]?[\w.-]*['\"]?\s*[\])]?\s*"
_ONE_IN_BRACKETS = r"\s*[\[]\s*['\"]?([\w.-]{2,})['\"]?\s*,?\s*[\]]\s*"
_ONE = r"\s*['\"]?[\w.-]+['\"]?\s*"
_NAME_WITH_LIST_SIGN = rf"\s*[\[(]{_ONE},?\s*[\])]?\s*|{_ONE},\s*|{_ONE},?\s*[\])]\s*"
"""One name with an end of a list at it: `q_proj,`, `[q_proj`, `v_proj']`, `[Wqkv]`."""
_SIGNS = frozenset("*+?^$|()[]{}\\")
_WORD = r"[\w.-]+"
_WRAPPER_PREFIXES = ("base_model.model.", "base_model.")
_PARAMETER = r"(.+?)\.(weight|bias|lora_[AB](\.\w+)*(\.weight)?|base_layer)"
SHORTEST_COMPARED = 5
"""Shorter names are near to too many others."""

_FLATTENED_PREFIXES = ("lora_unet_", "lora_te_", "lora_te1_", "lora_te2_", "lora_transformer_")


@lru_cache(maxsize=4096)
def find_typo_in_string(value: str) -> NameTypo | None:
    """The typo in a field that is one string, which PEFT takes as a regular expression; None where
    there is none.
    """
    if value.isidentifier() or value.replace("-", "").isidentifier():
        return _find_typo_in_word(value)
    names = re.findall(_WORD, value)
    if re.fullmatch(_LIST_IN_STRING, value) or re.fullmatch(_ONE_IN_BRACKETS, value):
        return NameTypo(
            f"`{value}` is one string, which PEFT takes as a regular expression for a whole name",
            f"write a list: {_format_list(names)}",
        )
    if len(names) > 1 and re.fullmatch(r"[\w.-]+(\s+[\w.-]+)+", value):
        return NameTypo(
            f"`{value}` holds several names in one string", f"write a list: {_format_list(names)}"
        )
    return _find_typo_in_word(value)


def _find_typo_in_word(value: str) -> NameTypo | None:
    if value.lower() in KEYWORDS:
        return _build_keyword_typo(value, "a string")
    return _find_typo_in_any_name(value)


def find_typo_in_single_name(value: str, *, transformer: bool) -> NameTypo | None:
    """The typo of a string that is one name, or some with `|` between them: PEFT takes it as an
    expression for whole names, and no transformers model has a layer of that name at its top. With
    `transformer` False it may be a model made by hand, and names that such models have at the top
    (`fc1`, `dense`) are not reported.
    """
    names = value.removeprefix("(").removesuffix(")").split("|")
    leaves = all(name in EITHER or name in IN_ATTENTION for name in names)
    if not leaves or not (transformer or all("_" in n or n == "Wqkv" for n in names)):
        return None
    return NameTypo(
        f"`{value}` is a string, which PEFT takes as a regular expression for a whole name; it "
        "would reach a module at the top of the model alone",
        f"write a list: {_format_list(names)}",
    )


@lru_cache(maxsize=4096)
def find_typo_in_entry(name: str) -> NameTypo | None:
    """The typo in one entry of a list; None where there is none."""
    if name.isidentifier() and name.lower() not in KEYWORDS:
        return _find_typo_in_any_name(name)  # nearly every entry: all below needs other signs
    words = re.findall(_WORD, name)
    if len(words) == 1 and re.fullmatch(_NAME_WITH_LIST_SIGN, name):
        return NameTypo(
            f"`{name}` has a list's comma or brackets inside the name",
            f"write {words[0]}",
        )
    if re.fullmatch(_LIST_IN_STRING, name):
        return NameTypo(
            f"`{name}` is one list entry; PEFT looks for a module of that whole name",
            f"split it: {_format_list(words)}",
        )
    if not name.strip():
        return NameTypo(f"`{name}` is an empty name, which no module has", "remove the empty entry")
    if re.fullmatch(r"[\w.]+(\s+(-\s+)?[\w.]+)+", name):
        return NameTypo(
            f"`{name}` is one list entry, and no module's name has blanks in it",
            f"split it: {_format_list(re.findall(_WORD, name.replace(' - ', ' ')))}",
        )
    if name.isdecimal():
        return NameTypo(
            f"`{name}` is a bare number: it stands for every module of that index, such as "
            f"layer {name} as a whole",
            "name the linear layers; numbers alone are entries of layers_to_transform",
        )
    if name.lower() in KEYWORDS:
        return _build_keyword_typo(name, "a list entry")
    return _find_typo_in_any_name(name)


def has_rule_of_its_own(name: str) -> bool:
    """Whether the form of an entry is the subject of another rule: LC103, LC203, LC204 or LC213."""
    form = name.lower() in ("all-linear", "dummy-target-modules")
    return form or is_pattern(name) or find_typo_in_entry(name) is not None


@lru_cache(maxsize=4096)
def is_pattern(name: str) -> bool:
    """Whether a list entry is written as a pattern: it has signs that no module name has, and these
    are not the ends of a list around names (of which `find_typo_in_entry` tells).
    """
    signs = not _SIGNS.isdisjoint(name)
    return signs and not (
        re.fullmatch(_NAME_WITH_LIST_SIGN, name) or re.fullmatch(_LIST_IN_STRING, name)
    )


def is_near_miss(name: str, correct: str) -> bool:
    """Whether `name` is `correct` with one letter more, fewer or different, two letters swapped,
    other case, or its `proj` written out. Digits tell modules apart (`linear1`, `linear2`), so a
    different digit is no typo.
    """
    if name == correct or len(name) < SHORTEST_COMPARED or len(correct) < SHORTEST_COMPARED:
        return False
    if name.lower() == correct.lower():
        return True
    if correct.endswith("proj") and name.startswith(correct) and name[len(correct) :].isalpha():
        return True
    if abs(len(name) - len(correct)) > 1:
        return False
    start = next((i for i, (a, b) in enumerate(zip(name, correct, strict=False)) if a != b), None)
    at = min(len(name), len(correct)) if start is None else start
    one, other = name[at:], correct[at:]
    if any(c.isdigit() for c in one[:1] + other[:1]):
        return False
    # A letter that stands alone is a name of its own: `g_proj` is not meant to be `q_proj`.
    alone = (at == 0 or correct[at - 1] == "_") and other[1:2] == "_"
    swapped = one[:2] == other[1::-1] and one[2:] == other[2:]
    return (one[1:] == other[1:] and not alone) or one[1:] == other or one == other[1:] or swapped


def _build_keyword_typo(word: str, what: str) -> NameTypo:
    return NameTypo(
        f"`{word}` as {what} is the name of a module to PEFT, not a keyword",
        'for every linear layer write the string: target_modules: "all-linear"',
    )


def _find_typo_in_any_name(name: str) -> NameTypo | None:
    bare = name.strip().strip("'\"").strip()
    if bare != name and bare:
        inside = "quotes" if name.strip() != bare else "blanks"
        return NameTypo(f"`{name}` has {inside} inside the name", f"write {bare}")
    for prefix in _WRAPPER_PREFIXES:
        if name.startswith(prefix):
            return NameTypo(
                f"`{name}` begins with the wrapper's own prefix `{prefix}`",
                f"PEFT compares the base model's names: write {name.removeprefix(prefix)}",
            )
    match = re.fullmatch(_PARAMETER, name) if "." in name else None
    if match:
        return NameTypo(
            f"`{name}` is a parameter; PEFT compares names of modules", f"write {match.group(1)}"
        )
    if name.startswith(_FLATTENED_PREFIXES):
        return NameTypo(
            f"`{name}` is a flattened name of kohya's sd-scripts; PEFT's names have dots",
            "convert the names to those of the model",
        )
    return None


def _format_list(names: list[str]) -> str:
    return "[" + ", ".join(f'"{name}"' for name in dict.fromkeys(names)) + "]"
