"""`python -m bench.mutations.mends [FOLDER] [--number 200] [--seed 0]`: slips are made in real
files, every offered mend is applied, safe and unsafe, and the result is held against the file as it
was: what its author meant.

A mend is right where LoraConfig takes what the mended file says and PEFT puts LoRA of the same rank
and scaling on the same modules as before the slip. Where the model is not known, the values that
choose modules and ranks must be those of the file. Slips that lose what was meant (another
architecture's names, a word in place of a number) may be mended to something that works.
"""

from __future__ import annotations

import argparse
import os
import random
import re
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from loracheck.documents import read
from loracheck.documents.model import DocumentError, Unknown
from loracheck.fixes.apply import apply_fixes
from loracheck.options.lint_settings import LintSettings
from loracheck.pipeline import build_contexts, check_file, read_contexts
from loracheck.rules import RuleContext, list_all_rules
from loracheck.trees.sources.request import TreeOptions

from .setting_text import SettingText
from .slips import ALL_SLIPS
from .trials import list_files, load_models

if TYPE_CHECKING:
    from collections.abc import Iterator

SHARED = Path(os.environ.get("LORACHECK_SHARED") or Path(__file__).parents[3] / "shared")
FIELDS = ("r", "lora_alpha", "target_modules", "modules_to_save", "lora_dropout", "bias")
LOSSES = frozenset(
    {
        *("wrong targets", "one wrong target", "word for a number", "unknown key"),
        *("rank -8", "alpha -16", "unknown bias", "unknown task"),
    }
)
"""Slips after which nobody can tell what was there."""


EXPRESSION = r".*\.layers\.\d+\.self_attn\.(q|v)_proj"
"""What `slips` puts into a list."""


class Mended(NamedTuple):
    """One slip and what became of it. `verdict` is "right", "works" (accepted, but not as it was),
    "refused", "unchanged" (a part of the slip is still there, and is said) or "wrong".
    """

    slip: str
    path: str
    codes: tuple[str, ...]
    verdict: str
    detail: str
    text: str


def mend(
    path: Path, shown: str, name: str, text: str, meant: RuleContext, job: LintSettings
) -> Mended | None:
    """The mends of one text; None where none is offered."""

    def check(changed: str) -> Any:
        return check_file(str(path), shown, job, changed).findings

    before = check(text)
    done = apply_fixes(text, check, lambda changed: read(str(path), changed), unsafe=True)
    if done.text == text:
        return None
    codes = tuple(sorted({f.code for f in before if f.fix}))
    found = build_contexts(read(str(path), done.text), job)
    if not found:
        return Mended(name, shown, codes, "wrong", "no setting is left", done.text)
    verdict, detail = compare(meant, found[0])
    left = [f for f in check(done.text) if f.severity == "error"]
    if verdict in ("wrong", "refused") and left:
        verdict, detail = "unchanged", f"{left[0].code} {left[0].message}"
    if verdict == "wrong" and name in LOSSES:
        verdict = "works"
    return Mended(name, shown, codes, verdict, detail, done.text)


def compare(meant: RuleContext, found: RuleContext) -> tuple[str, str]:
    """Whether the mended setting does what the first one did."""
    if found.plan is not None and found.plan.error is not None:
        if meant.plan is not None and meant.plan.error is not None:
            return "right", ""
        return "refused", found.plan.error.message
    if found.has_refused_values and not meant.has_refused_values:
        return "refused", "LoraConfig refuses it"
    if meant.plan is not None and found.plan is not None and meant.plan.error is None:
        one, other = reach(meant), reach(found)
        if one == other:
            return "right", ""
        return "wrong", f"{len(one)} modules meant, {len(other)} reached, {len(one ^ other)} differ"
    for field in FIELDS:
        one, other = meant.value(field), found.value(field)
        if isinstance(one, Unknown) or isinstance(other, Unknown):
            continue
        if plain(one) != plain(other):
            return "wrong", f"{field}: {one!r} became {other!r}"
    return "right", ""


def plain(value: Any) -> Any:
    """A value without what PEFT makes no difference of."""
    return sorted(map(str, value)) if isinstance(value, (list, tuple, set)) else value


def reach(context: RuleContext) -> set[tuple[str, int, float]]:
    """The modules with LoRA, their ranks and scalings, and those that are trained in full."""
    plan = context.plan
    assert plan is not None
    wrapped = {(n, w.rank, w.scaling) for w in plan.wrapped for n in w.names()}
    return wrapped | {(s.name, 0, 0.0) for s in plan.saved}


def try_file(path: Path, shown: str, known: dict[str, str], draw: random.Random) -> list[Mended]:
    """One slip of each kind in the file, the mends applied."""
    job = LintSettings(frozenset(rule.code for rule in list_all_rules()), trees=TreeOptions())
    try:
        found = read_contexts(str(path), job)
        named = known.get(str(found[0].setting.model)) if found else None
        if found and found[0].tree is None and named:
            job = job._replace(model=named)
            found = read_contexts(str(path), job)
    except (DocumentError, OSError):
        return []
    results: list[Mended] = []
    for slip in ALL_SLIPS if found else ():
        tree = found[0].tree
        if slip.on_model and tree is None:
            continue
        original = SettingText(found[0].setting)
        texts = [one for one in slip.make(original, tree) if one and one != original.source.text]
        if texts:
            number = draw.randrange(len(texts))
            meant = read_meant(slip.name, number, original, path, job) or found[0]
            one = mend(path, shown, slip.name, texts[number], mend_own(meant, path, job), job)
            results += [one] if one is not None else []
    if found:
        original = SettingText(found[0].setting)
        for name, wrong, right in misspell_targets(found[0], draw):
            text, clean = (original.write("target_modules", one) for one in (wrong, right))
            if text and clean and text != clean:
                meant = build_contexts(read(str(path), clean), job)[0]
                one = mend(path, shown, name, text, mend_own(meant, path, job), job)
                results += [one] if one is not None else []
    return results


def misspell_targets(
    context: RuleContext, draw: random.Random
) -> Iterator[tuple[str, list[str], list[str]]]:
    """Slips in the names of a list, each with what was meant."""
    value = context.value("target_modules")
    if not isinstance(value, (list, tuple)) or not all(type(one) is str for one in value):
        return
    names = [str(one) for one in value]
    plain = [one for one in names if one.isidentifier() and len(one) > 3]
    if not plain or context.tree is None:
        return
    name = draw.choice(plain)
    at = names.index(name)
    spellings = {
        "two letters swapped": name[:-3] + name[-2] + name[-3] + name[-1],
        "a blank behind": f"{name} ",
        "capitals": name.upper(),
        "a weight's name": f"{name}.weight",
        "an expression in the list": f".*{name}",
        "hyphen": name.replace("_", "-"),
    }
    for slip, wrong in spellings.items():
        yield slip, [*names[:at], wrong, *names[at + 1 :]], names
    if at + 1 < len(names):
        yield "two names glued", [*names[:at], name + names[at + 1], *names[at + 2 :]], names
    full = [n for n, _ in list_linear(context) if n.endswith(f".{name}")][:2]
    if full:
        yield "the wrapper's prefix", [f"base_model.model.{one}" for one in full], full
        yield "a moved prefix", [f"language_model.{one}" for one in full], full
        yield "a prefix left out", [one.partition(".")[2] for one in full], full
        yield "a layer too far", [re.sub(r"\d+", "999", full[0], count=1), full[-1]], full


def list_linear(context: RuleContext) -> list[tuple[str, Any]]:
    """The linear layers of the context's model."""
    tree = context.tree
    modules = tree.modules() if tree is not None else ()
    return [(one.name, one.node) for one in modules if one.node.kind in ("Linear", "Conv1D")]


def mend_own(meant: RuleContext, path: Path, job: LintSettings) -> RuleContext:
    """What was meant, without the slips that the file had before."""

    def check(text: str) -> Any:
        return check_file(str(path), path.name, job, text).findings

    text = meant.setting.document.text
    done = apply_fixes(text, check, lambda one: read(str(path), one), unsafe=True)
    return build_contexts(read(str(path), done.text), job)[0] if done.text != text else meant


def read_meant(
    slip: str, number: int, original: SettingText, path: Path, job: LintSettings
) -> RuleContext | None:
    """What a slip's author meant that writes another value than the file has; None for the rest."""
    value, field = original.value("target_modules"), "target_modules"
    if slip == "string for a list":
        wanted: Any = [value[0]]
    elif slip == "switch in quotes":
        wanted, field = False, "use_rslora"
    elif slip == "expression or all-linear in a list":
        wanted = ("all-linear", EXPRESSION)[number]
    else:
        return None
    text = original.write(field, wanted)
    found = build_contexts(read(str(path), text), job) if text else []
    return found[0] if found else None


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.mutations.mends")
    parser.add_argument("folder", nargs="?", type=Path, default=SHARED / "corpus")
    parser.add_argument("--configs", type=Path, default=SHARED / "model_configs")
    parser.add_argument("--number", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    known, draw = load_models(given.configs), random.Random(given.seed)
    files = list_files(given.folder)
    draw.shuffle(files)
    tried: list[Mended] = []
    for path in files:
        if len(tried) >= given.number:
            break
        tried += try_file(path, str(path.relative_to(given.folder)), known, draw)
    for verdict, number in Counter(one.verdict for one in tried).most_common():
        print(f"{verdict:10}{number:5}")
    for one in sorted(tried):
        if one.verdict in ("wrong", "refused", "unchanged"):
            print(
                f"{one.verdict}: {one.slip}: {one.path}: {' '.join(one.codes)}: {one.detail[:160]}"
            )


if __name__ == "__main__":
    main()
