"""A LoRA key that the tool whose file this is does not have.

## What
A misspelt key (`lora_aplha`), another tool's name for it (`lora_rank` in an axolotl file), a key in
a block in which the tool allows no others, or a key in the wrong part of the file (`lora_r` beside
the block `peft` instead of inside). The right name or place is suggested. Also any key that no
release of LLaMA-Factory, ms-swift or the command `trl` has had, whose parsers stop at it: a
warning, as a fork may have it. Keys that an older release of the tool had are a note. A key of a
newer release than the project pins (`tuner_type` with ms-swift 3) is an error.

## Why
Some tools refuse the file. Others (axolotl, mlx-lm, sd-scripts) read only the keys that they know
and say nothing: the run uses the default, and the value in the file is never seen. A key of another
release is seen in modelscope/ms-swift issues 7836 and 8006, hiyouga/LLaMA-Factory issue 7412.

## Bad
```yaml
base_model: Qwen/Qwen2.5-7B
adapter: lora
lora_r: 16
lora_aplha: 32
lora_alpha: 16
lora_target_linear: true
```

## Good
```yaml
base_model: Qwen/Qwen2.5-7B
adapter: lora
lora_r: 16
lora_alpha: 32
lora_target_linear: true
```

## Fix
Rename the key to the one that the tool has, move it to its place, or remove it.
`--unsafe-fixes` renames it where the right name is plain.

## Source
Each tool's own schema; the file and version stand in its dialect, `loracheck/tools/`.
"""

from __future__ import annotations

from loracheck.rules.types import Hit
from loracheck.tools.core.parser_keys import KeyReleases, load_key_releases
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.model import Path
    from loracheck.findings import Fix
    from loracheck.rules.context import RuleContext
    from loracheck.tools.core.tool import Tool

CODE = "LC701"
NAME = "tool-unknown-key"
SEVERITY = "error"
FIXABLE = True
NEVER = KeyReleases("", "")
"""A key that all releases have, as far as is known."""


def check(context: RuleContext) -> Iterator[Hit]:
    """Every key that the tool does not know; for PEFT's own files LC101 speaks."""
    setting = context.setting
    tool = setting.tool
    if tool is None:
        return
    name = tool.title.partition(" (")[0].partition(",")[0]
    yield from _check_renamed_keys(context, tool, name)
    yield from _check_releases(context, tool, name)
    what = "file" if setting.options is None else "command"
    for key, path in setting.unknown_keys.items():
        if setting.suggestions.get(key) == key:
            yield _build_misplaced_key_hit(tool, name, path)
            continue
        right = setting.suggestions.get(key)
        drops = setting.unknown_key_effect == "drops"
        dropped = "warns of it and drops it" if tool.tells_unknown else "drops it without a word"
        outcome = dropped if drops else f"refuses the {what}"
        yield Hit(
            f"`{key}` is no key of {name}, which {outcome}",
            path,
            help=f"did you mean `{right}`?" if right else "remove it",
            field=key,
            key=True,
            fix=_rename_key(context, path, right),
            notes=(f"a fork of {name} may have it",) if key in setting.foreign_keys else (),
            severity="warning" if key in setting.foreign_keys else None,
        )


def _check_renamed_keys(context: RuleContext, tool: Tool, name: str) -> Iterator[Hit]:
    """One note for a file of an older release of the tool, at the first key that is called
    otherwise today: which release runs is not in the file.
    """
    setting = context.setting
    releases = load_key_releases(setting.tool_name)
    old = [
        key
        for key in setting.mapping
        if key in tool.renamed
        and not _is_pinned_before(context, releases.get(str(key), NEVER).gone)
    ]
    for key in old[:1]:
        gone = releases.get(str(key), NEVER).gone
        before = f" before {gone}" if gone else ""
        yield Hit(
            f"`{key}` is a key of {name}{before}; newer releases refuse it",
            (*context.setting.path, key),
            help="for those write " + ", ".join(f"`{tool.renamed[k]}` for `{k}`" for k in old),
            field=str(key),
            severity=None if _is_pinned_from(context, gone) else "note",
            key=True,
        )


def _check_releases(context: RuleContext, tool: Tool, name: str) -> Iterator[Hit]:
    """One hit for every key that came after the release that the project pins, and one for the keys
    that the newest has no more.
    """
    setting = context.setting
    releases = load_key_releases(setting.tool_name) if tool.searched else {}
    keys = [str(key) for key in setting.mapping if key in releases] if releases else []
    for key in keys:
        since = releases[key].since
        if _is_pinned_before(context, since):
            yield Hit(
                f"`{key}` came with {name} {since}: the pinned release stops at it",
                (*setting.path, key),
                help=_tell_older_key(key, tool, since),
                field=key,
                key=True,
            )
    if setting.own_lora:
        return  # Megatron-SWIFT takes keys of Megatron's own
    for key in keys:
        gone = releases[key].gone
        if gone and key not in tool.renamed and not _is_pinned_before(context, gone):
            yield Hit(
                f"`{key}` is a key of {name} before {gone}; newer releases refuse it",
                (*setting.path, key),
                help="take it out for those",
                field=key,
                severity=None if _is_pinned_from(context, gone) else "note",
                key=True,
            )


def _tell_older_key(key: str, tool: Tool, since: str) -> str:
    old = next((old for old, new in tool.renamed.items() if new == key), None)
    instead = f"write {old}, its name before, or " if old else "take it out, or "
    return f"{instead}pin {tool.distribution}>={since}"


def _is_pinned_before(context: RuleContext, release: str) -> bool:
    """Whether the project's pins allow only releases of the tool before this one."""
    package = context.setting.tool.distribution if context.setting.tool else None
    if not release or package is None:
        return False
    from loracheck.releases.pin_checks import is_pinned_below

    return is_pinned_below(package, context.document, release)


def _is_pinned_from(context: RuleContext, release: str) -> bool:
    """Whether the project's pin names this release of the tool, or a later one."""
    package = context.setting.tool.distribution if context.setting.tool else None
    if not release or package is None:
        return False
    from loracheck.releases.pin_checks import is_pinned_within

    return is_pinned_within(package, context.document, f">={release}")


def _rename_key(context: RuleContext, path: Path, right: str | None) -> Fix | None:
    """The key as the tool has it: likely what was meant, and no more."""
    if right is None or context.document.format == "shell":
        return None
    from loracheck.fixes import build_fix, edits

    return build_fix(f"rename to `{right}`", edits.rename_key(context.document, path, right))


def _build_misplaced_key_hit(tool: Tool, name: str, path: Path) -> Hit:
    """A key of the tool's in another part of the file."""
    key, block = str(path[-1]), ".".join(tool.block)
    home = f"in `{block}`" if block else "at the top of the file"
    return Hit(
        f"{name} has `{key}` {home}; here it does not count",
        path,
        help=f"move it {'into `' + block + '`' if block else 'to the top'}",
        field=key,
        key=True,
    )
