"""An option of a script that gives LoraConfig text, a tuple, or a switch that is always on.

## What
A field of LoraConfig is an attribute of what an option parser has read (`args.lora_r`), and the
option gives another kind of value: an argparse option for a number without `type=`, or a switch
with `type=bool`; a dataclass field (HfArgumentParser, tyro) for a number that is annotated `str`,
or whose default is a tuple because of a comma at the end of the line; names of modules in one
string with commas. Or a number is taken from `os.environ`, `os.getenv`, `sys.argv` or an option of
click without a type, as it is.

## Why
argparse hands on what stands on the command line as text unless the option has a type: `--lora_r
16` is '16', and wrapping the first layer raises TypeError. The option's own default hides it until
somebody gives the option. `type=bool` makes True of every text, of 'False' too. A dataclass does
not look at its annotations: `lora_r: int = 8,` is (8,). Names in one string are one regular
expression for PEFT, which matches nothing.

## Bad
```python
import argparse
from peft import LoraConfig
parser = argparse.ArgumentParser()
parser.add_argument("--lora_r", default=8)
args = parser.parse_args()
config = LoraConfig(r=args.lora_r, target_modules=["q_proj", "v_proj"])
```

## Good
```python
import argparse
from peft import LoraConfig
parser = argparse.ArgumentParser()
parser.add_argument("--lora_r", type=int, default=8)
args = parser.parse_args()
config = LoraConfig(r=args.lora_r, target_modules=["q_proj", "v_proj"])
```

## Fix
Give the option a type: `type=int` for the rank and alpha, `type=float` for the dropout,
`action="store_true"` for a switch, `nargs="+"` or a list for names; take the comma behind a default
away.

## Source
The Python library reference, argparse, "type"; PEFT 0.21.2 `tuners/lora/layer.py` (`update_layer`),
`tuners/tuners_utils.py` (`check_target_module_exists`, re.fullmatch for a string).
"""

from __future__ import annotations

import re

from loracheck.documents.model import Unknown
from loracheck.lazy_pattern import compile_when_used
from loracheck.rules.context import NUMBERS
from loracheck.rules.support.script_calls import get_call_span, is_script, read_calls
from loracheck.rules.support.text_sources import find_text_source, names_option
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.model import Span
    from loracheck.documents.python.declared_fields import DeclaredField
    from loracheck.documents.python.uses import Script, Use
    from loracheck.rules.context import RuleContext

CODE = "LC158"
NAME = "option-read-as-text"
SEVERITY = "warning"

_ATTRIBUTE = compile_when_used(r"(\w+)\.(\w+)")
_ENTRY = compile_when_used(r"""(\w+)\[["'](\w+)["']\]""")
_SWITCHES = frozenset({"use_dora", "use_rslora", "use_qalora", "lora_bias", "fan_in_fan_out"})
_NAMES = frozenset({"target_modules"})
_READS = frozenset(
    {
        *("parse_args_into_dataclasses", "parse_yaml_file", "parse_json_file", "parse_dict"),
        *("parse_args_and_config", "cli", "parse"),
    }
)
"""Calls of HfArgumentParser, TRL's TrlParser, tyro and simple_parsing that make a dataclass."""

_PLAIN_NAMES = compile_when_used(r"[\w.]+(?:\s*[, ]\s*[\w.]+)+")
"""Several names in one string, which no expression is."""


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for every field whose option gives another kind of value."""
    for field in sorted((NUMBERS | _SWITCHES | _NAMES) & context.setting.fields.keys()):
        value = context.setting.assumed_fields.get(field, context.setting.fields[field])
        if not isinstance(value, Unknown) or not is_script(context.document):
            continue
        match = _find_attribute(context, value.text)
        if match is None or _is_assigned(context, match):
            yield from _check_source(context, field, value.text)
            continue
        yield from _check_option(context, field, match)
        yield from _check_declared(context, field, match)


def _find_attribute(context: RuleContext, text: str) -> re.Match[str] | None:
    """The variable and the name of an attribute, or of an entry of `vars(args)`."""
    entry = _ENTRY.fullmatch(text)
    if entry is not None:
        assignment = rf"^\s*{entry[1]}\s*=\s*vars\([^\n]*\)\s*$"
        return entry if re.search(assignment, context.document.text, re.MULTILINE) else None
    return _ATTRIBUTE.fullmatch(text)


def _check_source(context: RuleContext, field: str, expression: str) -> Iterator[Hit]:
    """A hit for a number that comes from the environment or the command line as it is."""
    script = read_calls(context.document)
    if field not in NUMBERS or script is None:
        return
    why = find_text_source(context.document.text, script, expression)
    if why is not None:
        number = "float" if field == "lora_dropout" else "int"
        yield Hit(
            f"`{expression}` is no number: {why}",
            context.place(field),
            help=f"write {number}({expression})",
            field=field,
        )


def _check_option(context: RuleContext, field: str, match: re.Match[str]) -> Iterator[Hit]:
    """A hit for an option of argparse."""
    script = read_calls(context.document, "argparse", "add_argument(")
    option = _find_option(script, match[2]) if script is not None else None
    if option is None:
        return
    arguments, place = option.arguments, get_call_span(context.document, option)
    kind = arguments.get("type")
    default = arguments["default"].value if "default" in arguments else None
    if field in NUMBERS and kind is None:
        number = "float" if field == "lora_dropout" else "int"
        yield _build_hit(
            context,
            field,
            f"`{match[0]}` is text when the option is given: `add_argument` has no type",
            f"add type={number} to the option",
            place,
        )
    elif field in _SWITCHES and kind is not None and kind.name == "bool":
        yield _build_hit(
            context,
            field,
            f"`{match[0]}` is true whatever is given: bool('False') is True",
            'write action="store_true" for type=bool',
            place,
        )
    elif field in _NAMES and (kind is None or kind.name == "str") and _is_several(default):
        yield _build_hit_for_names(context, field, match[0], default, 'nargs="+"', place)


def _check_declared(context: RuleContext, field: str, match: re.Match[str]) -> Iterator[Hit]:
    """A hit for a field of a dataclass."""
    script = read_calls(context.document, "dataclass")
    declared = script.declared.get(match[2]) if script is not None else None
    if script is None or declared is None or not _makes(script, declared, match[1]):
        return
    lines = context.document.lines  # type: ignore[attr-defined]
    place = lines.span(declared.place.start, declared.place.end)
    default, kinds = declared.default, set(re.findall(r"\w+", declared.annotation))
    if field in NUMBERS and isinstance(default, tuple):
        yield _build_hit(
            context,
            field,
            f"`{match[0]}` is {default!r} by default, a tuple: a comma stands behind the number",
            f"take the comma away: {match[2]}: {declared.annotation} = {default[0]!r}",
            place,
        )
    elif field in NUMBERS and kinds <= {"str", "Optional", "None"} and "str" in kinds:
        number = "float" if field == "lora_dropout" else "int"
        yield _build_hit(
            context,
            field,
            f"`{match[0]}` is text: the field is annotated `{declared.annotation}`",
            f"annotate it as {number}",
            place,
        )
    elif field in _NAMES and kinds <= {"str", "Optional", "None"} and _is_several(default):
        yield _build_hit_for_names(context, field, match[0], default, "a field of list[str]", place)


def _build_hit(context: RuleContext, field: str, message: str, help: str, place: Span) -> Hit:
    spans = ((place, "the option is added here"),)
    return Hit(message, context.place(field), help=help, field=field, spans=spans)


def _build_hit_for_names(
    context: RuleContext, field: str, name: str, default: object, instead: str, place: Span
) -> Hit:
    return _build_hit(
        context,
        field,
        f"`{name}` is one string by default, {default!r}: PEFT takes it as one expression",
        f'write {name}.split(","), or {instead}',
        place,
    )


def _find_option(script: Script, name: str) -> Use | None:
    """The one `add_argument` of an option that takes one value, for certain."""
    options = [
        use for use in script.by_name.get("add_argument", ()) if names_option(use, name, ("dest",))
    ]
    plain = len(options) == 1 and options[0].complete
    return options[0] if plain and not {"action", "nargs"} & options[0].arguments.keys() else None


def _makes(script: Script, declared: DeclaredField, name: str) -> bool:
    """Whether a variable is made by the dataclass itself, or by a parser of dataclasses."""
    makers = script.assigned.get(name, ())
    return bool(makers) and all(use.last in {declared.owner, *_READS} for use in makers)


def _is_several(default: object) -> bool:
    return isinstance(default, str) and _PLAIN_NAMES.fullmatch(default.strip()) is not None


def _is_assigned(context: RuleContext, match: re.Match[str]) -> bool:
    """Whether the attribute is assigned to anywhere, perhaps the value that was read from it."""
    name, text = match[2], context.document.text
    if match.re.pattern == _ENTRY.pattern:
        return re.search(rf"\[[\"']{name}[\"']\]\s*=[^=]|\.{name}\b|\.update\(", text) is not None
    return re.search(rf"\.{name}\s*=[^=]|[\"']{name}[\"']", text) is not None
