"""`python -m dev.new_tool NAME`: the two files of a new tool, with what is fixed in them.

NAME is the tool's name in reports, in small letters with `-` between words. Nothing else has to be
touched: tools are found by their files, `make generated` makes index, schema and page of them.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from loracheck.tools.core.build_index import list_all_tools

ROOT = Path(__file__).parents[1]

TOOL = '''\
"""TODO: the tool and its file, in one line.

TODO: what is special about it, in one to three sentences.
"""

from __future__ import annotations

from loracheck.type_checking import TYPE_CHECKING

from .core.lookup import get_block, iterate_top_mappings
from .core.make_setting import add_model, make_setting
from .core.key import Key
from .core.tool import Program, Summary, Tool

if TYPE_CHECKING:
    from loracheck.documents.model import Document

    from .core.setting import Setting

TOOL = Tool(
    name="{name}",
    title="TODO: its name for people",
    source="TODO: release or commit, and the files of the tool that this was read in",
    keys=(
        Key("rank", "r", 8),
        Key("alpha", "lora_alpha", 16),
        Key("targets", "target_modules", nargs="+"),
        Key("todo_own_key", type="bool", help="TODO: a key of its own about LoRA."),
    ),
    block=("lora",),
    signatures=("todo_key_at_the_top lora.rank",),
    programs=(Program("{name}", ("train",)),),
    summary=Summary(files="YAML, .sh", known_by="TODO", does="TODO: r 8, alpha 16"),
)


def read(document: Document) -> list[Setting]:
    """One Setting for each document that trains LoRA."""
    found = []
    for path, top in iterate_top_mappings(document):
        setting = make_setting(TOOL, document, (*path, "lora"), get_block(top, "lora"))
        add_model(setting, path, top, "model")
        found.append(setting)
    return found
'''

CASES = """\
# {name}

## TODO: what the file shows
```yaml
todo_key_at_the_top: 1
model: Qwen/Qwen2.5-7B
lora: {{rank: 16, targets: [q_proj, v_proj]}}
```
```json
[{{"fields": {{"r": "TODO"}}, "model": "Qwen/Qwen2.5-7B"}}]
```
"""


class UsageError(Exception):
    """NAME cannot be used, and why."""


def make_files(name: str) -> dict[Path, str]:
    """Path below the repository and text of the two files. Raises UsageError."""
    if not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", name):
        raise UsageError("NAME is in small letters and digits, words joined by `-`")
    module = Path("loracheck", "tools", f"{name.replace('-', '_')}.py")
    if name in {tool.name for tool in list_all_tools()} or (ROOT / module).exists():
        raise UsageError(f"there is a tool {name} already")
    return {
        module: TOOL.format(name=name),
        Path("tests", "tools", "cases", f"{name}.md"): CASES.format(name=name),
    }


def main(arguments: list[str]) -> int:
    """Write the files and say what comes next; 2 where the argument cannot be used."""
    try:
        (name,) = arguments
        made = make_files(name)
    except (ValueError, UsageError) as error:
        reason = str(error) if isinstance(error, UsageError) else "NAME is needed"
        print(f"error: {reason}\nusage: make new-tool NAME=some-tuner", file=sys.stderr)
        return 2
    for path, text in made.items():
        (ROOT / path).write_text(text, encoding="utf-8", newline="\n")
        print(f"wrote {path}")
    print("next: fill in every TODO, put a usual file into docs/examples/, then `make generated`")
    print("and `python -m pytest -q tests/tools`; a tool with another one's options is shorter:")
    print("docs/dialects.md")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
