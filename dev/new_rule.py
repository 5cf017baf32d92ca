"""`python -m dev.new_rule CODE NAME`: the two files of a new rule, with what is fixed in them.

CODE is a code (LC233) or a family (LC2: its next free code), NAME what is wrong, in words joined by
`-`. Nothing else has to be touched: rules are found by themselves, their pages are generated.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from dev.pages.rules import FAMILIES
from loracheck.rules import FOLDERS, list_all_rules

ROOT = Path(__file__).parents[1]

RULE = '''\
"""TODO: one line that says what is wrong.

## What
TODO: what the rule finds, in one to three sentences.

## Why
TODO: what happens without it, and where that was seen (owner/repo issue 123).

## Bad
```json
{{"peft_type": "LORA", "base_model_name_or_path": "Qwen/Qwen2.5-7B", "r": 8,
 "target_modules": ["q_proj", "v_proj"]}}
```

## Good
```json
{{"peft_type": "LORA", "base_model_name_or_path": "Qwen/Qwen2.5-7B", "r": 8,
 "target_modules": ["q_proj", "v_proj"]}}
```

## Fix
TODO: what to write instead.

## Source
TODO: PEFT 0.21.2 `tuners/lora/layer.py` (`update_layer`), executed.
"""

from __future__ import annotations

from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.rules.context import RuleContext

CODE = "{code}"
NAME = "{name}"
SEVERITY = "warning"


def check(context: RuleContext) -> Iterator[Hit]:
    """TODO: when it fires. `context.value` is what PEFT gets, `context.plan` what it does."""
    if context.value("r") == "TODO":
        yield Hit(
            "TODO: what is wrong, with the numbers",
            context.place("r"),
            help="TODO: what to write instead",
            field="r",
        )
'''

CASES = """\
# {code} {name}

## fires: TODO what the file shows
```yaml
model_name: Qwen/Qwen2.5-7B
lora: {{r: 8, lora_alpha: 16, target_modules: [q_proj, v_proj]}}
```
says: TODO

## silent: TODO what looks like it and is right
```yaml
model_name: Qwen/Qwen2.5-7B
lora: {{r: 8, lora_alpha: 16, target_modules: [q_proj, v_proj]}}
```
"""


class UsageError(Exception):
    """CODE or NAME cannot be used, and why."""


def next_free_code(code: str) -> str:
    """The code itself if no rule has it, or the next free one of a family."""
    used = {rule.code for rule in list_all_rules()}
    if code in FAMILIES:
        own = [int(c[2:]) for c in used if c.startswith(code)]
        return f"LC{max(own, default=int(code[2:]) * 100) + 1:03d}"
    if not re.fullmatch(r"LC\d{3}", code) or code[:3] not in FAMILIES:
        raise UsageError(f"CODE is LC and three digits, or a family: {', '.join(FAMILIES)}")
    if code in used:
        raise UsageError(f"{code} is taken; the next free one is {next_free_code(code[:3])}")
    return code


def make_files(code: str, name: str) -> dict[Path, str]:
    """Path below the repository and text of the two files. Raises UsageError."""
    code = next_free_code(code.upper())
    if not re.fullmatch(r"[a-z]+(-[a-z]+)+", name):
        raise UsageError("NAME is two words or more in small letters, joined by `-`")
    if name in {rule.name for rule in list_all_rules()}:
        raise UsageError(f"there is a rule {name} already")
    module = f"{code.lower()}_{name.replace('-', '_')}.py"
    return {
        Path("loracheck", "rules", FOLDERS[code[:3]], module): RULE.format(code=code, name=name),
        Path("tests", "rules", "cases", f"{code}.md"): CASES.format(code=code, name=name),
    }


def main(arguments: list[str]) -> int:
    """Write the files and say what comes next; 2 where the arguments cannot be used."""
    try:
        code, name = arguments
        made = make_files(code, name)
    except (ValueError, UsageError) as error:
        reason = str(error) if isinstance(error, UsageError) else "CODE and NAME are needed"
        print(f"error: {reason}\nusage: make new-rule CODE=LC2 NAME=what-is-wrong", file=sys.stderr)
        return 2
    for path, text in made.items():
        (ROOT / path).parent.mkdir(parents=True, exist_ok=True)
        (ROOT / path).write_text(text, encoding="utf-8", newline="\n")
        print(f"wrote {path}")
    print("next: fill in every TODO, then `make docs-pages test-fast`")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
