"""A first config for a model: targets from its tree, modest r and alpha, reasons as comments.

Several candidates are written and held against loracheck's own rules; the first one that has no
finding above a note is given. What the numbers rest on: rank 16 and alpha of twice the rank are the
most common pair in public configs (`usage.json`) and enough for most instruction tuning; every
linear layer rather than attention alone is QLoRA's advice (arXiv:2305.14314, section 4).
"""

from __future__ import annotations

from loracheck.documents import read
from loracheck.explain.file.coverage import count_linear_layers
from loracheck.explain.file.module_rows import build_rows, split_modules
from loracheck.explain.write import WRITABLE_TOOLS, WriteRequest, write
from loracheck.findings import is_at_or_above
from loracheck.named_tuple import NamedTuple
from loracheck.pipeline import build_contexts, find_problems
from loracheck.plan.injection.tasks import HEADS
from loracheck.trees.roles import get_component
from loracheck.type_checking import TYPE_CHECKING

from .target_choices import (
    TOWERS,
    build_all_linear,
    build_regex_below,
    find_highest_modules,
    find_shortest_names,
    is_adaptable,
    list_choices,
    list_failing_names,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from loracheck.documents.values import Value
    from loracheck.explain.file.module_rows import ModuleRow
    from loracheck.findings import Finding
    from loracheck.options.lint_settings import LintSettings
    from loracheck.plan.model import Plan
    from loracheck.rules import RuleContext
    from loracheck.trees.model import ModuleTree

RANK, DROPOUT = 16, 0.05
MOST_NAMES = 12
"""With more names than this, all-linear is written instead."""

_ATTENTION = (
    *("to_k", "to_q", "to_v", "to_out.0", "add_k_proj", "add_q_proj", "add_v_proj"),
    "to_qkv_mlp_proj",
)
"""What diffusers' scripts target in most models (examples/dreambooth, main of August 2026)."""


REQUIRED_FIELDS = frozenset({"target_modules", "target_parameters", "exclude_modules", "task_type"})
"""Fields without which the file would not do what was meant."""


class FirstConfig(NamedTuple):
    """The first config.

    `text` is the file, `findings` what the rules say of it. `fit` is False where no candidate is
    free of warnings: `text` is then the best that was found, or empty with the `reason`.
    """

    text: str
    findings: tuple[Finding, ...]
    fit: bool
    reason: str | None = None


class Candidate(NamedTuple):
    """Fields that choose targets, to be tried, and `why` in words.

    `towers` tells whether vision and audio layers may be reached.
    """

    fields: dict[str, Any]
    why: str
    towers: bool = False


def write_first_config(
    model: str,
    tree: ModuleTree,
    tool: str,
    lint_settings: LintSettings,
    rank: int = RANK,
    task: str | None = None,
) -> FirstConfig:
    """The first candidate that no rule warns of, written for the tool.

    `task` is the task type, None for what the model's own class does; `tree` is of the class with
    that task's head. Raises KeyError for a tool that cannot be written for.
    """
    if tree.library == "diffusers" and tool not in ("peft", "peft-json"):
        return _build_textless_config(f"{WRITABLE_TOOLS[tool].title} trains no diffusion models")
    best: FirstConfig | None = None
    tasks = dict.fromkeys((task,) if task else (infer_task(tree), None))
    for candidate in list_candidates(tree):
        for kind in tasks:
            values = _list_values(rank, kind, candidate, tool)
            if kind not in HEADS:  # PEFT adds the head of these by itself
                values |= _build_modules_to_save(tree)
            config = _try_candidate(model, tree, tool, lint_settings, candidate, values)
            if config.fit:
                return config
            if best is None or (config.text and (not best.text or _is_milder(config, best))):
                best = config
    return best or FirstConfig("", (), False, "the model has no linear layers")


def _is_milder(one: FirstConfig, other: FirstConfig) -> bool:
    return len(one.findings) < len(other.findings)


def list_candidates(tree: ModuleTree) -> Iterator[Candidate]:
    """Ways to choose targets, the one that reaches most first; of a diffusion model the attention,
    as diffusers' own training scripts do.
    """
    if tree.library == "diffusers":
        there = find_attention_names(tree)
        if there:
            yield Candidate({"target_modules": there}, "the attention, as diffusers' scripts do")
    table = [row for row in build_rows(tree, split_modules(tree, None)) if row.component != "head"]
    linear = [r for r in table if is_adaptable(r)]
    text = [r for r in linear if r.component not in TOWERS and r.stack is not None]
    text = [r for r in text if r.component in ("attention", "mlp", "experts")] or linear
    towers = [r for r in linear if r not in text and r.component in TOWERS]
    names = find_shortest_names(text, [r for r in linear if r.component not in TOWERS])
    heads = find_highest_modules(towers, text) if towers else []
    away = {"exclude_modules": build_regex_below(heads)} if towers else {}
    failing = list_failing_names(table)
    every = build_all_linear(heads, failing)
    why = "every linear layer of the blocks" + (", towers left out" if towers else "")
    targets = names if 0 < len(names) <= MOST_NAMES else "all-linear"
    yield Candidate({"target_modules": targets}, why)
    yield Candidate({"target_modules": targets, **away}, why)
    if towers:
        yield Candidate({"target_modules": _build_rows_regex(text)}, why)
    yield Candidate(every, why)
    narrow = [c for c in list_choices(tree) if c.name in ("attention", "attention-qv", "experts")]
    yield from (Candidate(choice.fields, choice.title) for choice in narrow)
    yield Candidate({"target_modules": targets}, "every linear layer of these names", towers=True)
    yield Candidate(build_all_linear([], failing), "every linear layer", towers=True)


def find_attention_names(tree: ModuleTree) -> list[str]:
    """The names of a diffusion model's attention layers that diffusers' scripts target."""
    names = [f".{module.name}" for module in tree.modules()]
    return [name for name in _ATTENTION if any(n.endswith(f".{name}") for n in names)]


def _build_rows_regex(text: list[ModuleRow]) -> str:
    """A regular expression for whole names that matches the rows and nothing else."""
    stacks = list(dict.fromkeys(str(row.stack) for row in text))
    below = list(dict.fromkeys(row.below.rpartition(".")[2] for row in text))
    heads = "|".join(stack.replace(".", r"\.") for stack in stacks)
    heads = f"({heads})" if len(stacks) > 1 else heads
    return rf"{heads}\.\d+\..*\.({'|'.join(below)})"


def _try_candidate(
    model: str,
    tree: ModuleTree,
    tool: str,
    lint_settings: LintSettings,
    candidate: Candidate,
    values: dict[str, Value],
) -> FirstConfig:
    """The candidate as a file, checked; without text where the tool cannot say it."""
    first = write(_make_request(model, tree, values), tool)
    if REQUIRED_FIELDS & set(first.unwritten_fields):
        return _build_textless_config(f"{tool} has no key for {', '.join(first.unwritten_fields)}")
    context, _ = _check_text(first.text, tool, lint_settings)
    plan = context.plan if context is not None else None
    if context is None or plan is None:
        return _build_textless_config(
            context.resolved.reason if context else "it reads the file otherwise"
        )
    if plan.error is not None:
        return _build_textless_config(f"PEFT refuses it: {plan.error.message}")
    if not candidate.towers and _reaches_towers(plan):
        return _build_textless_config("the names reach the vision or audio part as well")
    reasons = _write_reasons(tree, plan, candidate, values, tool)
    request = _make_request(model, tree, values)._replace(
        reasons=reasons, head=_format_header_comment(model, tree, tool)
    )
    text = write(request, tool).text
    context, findings = _check_text(text, tool, lint_settings)
    fit = context is not None and not any(
        is_at_or_above(finding, "warning") for finding in findings
    )
    return FirstConfig(text, findings, fit)


def _build_textless_config(reason: str | None) -> FirstConfig:
    return FirstConfig("", (), False, reason)


def _list_values(rank: int, task: str | None, candidate: Candidate, tool: str) -> dict[str, Value]:
    dropout = 0.0 if WRITABLE_TOOLS[tool].no_dropout else DROPOUT
    values = {"r": rank, "lora_alpha": 2 * rank, "lora_dropout": dropout, "task_type": task}
    return {**values, **candidate.fields}


def _build_modules_to_save(tree: ModuleTree) -> dict[str, Any]:
    """modules_to_save for a classifier's head, which starts untrained and so trains in full."""
    if tree.output_embeddings is not None:
        return {}
    heads = [row for row in build_rows(tree, split_modules(tree, None)) if row.component == "head"]
    names = list(dict.fromkeys(row.name.split(".")[0] for row in heads))
    return {"modules_to_save": names} if names else {}


def infer_task(tree: ModuleTree) -> str | None:
    """The task type of the model's own class; None where PEFT has none that fits."""
    cls = tree.cls or ""
    parts = {row.component for row in build_rows(tree, split_modules(tree, None))}
    if cls.endswith(("ForCausalLM", "LMHeadModel")):
        return "CAUSAL_LM"
    if cls.endswith("ForConditionalGeneration") and tree.generates:
        return "CAUSAL_LM" if parts & set(TOWERS) else "SEQ_2_SEQ_LM"
    return None


def _make_request(model: str, tree: ModuleTree, values: dict[str, Value]) -> WriteRequest:
    part = None
    if tree.library == "diffusers":
        part = "unet" if (tree.cls or "").startswith("UNet") else "transformer"
    return WriteRequest(values, model, tree.cls, part)


def _check_text(
    text: str, tool: str, lint_settings: LintSettings
) -> tuple[RuleContext | None, tuple[Finding, ...]]:
    document = read(WRITABLE_TOOLS[tool].file, text)
    contexts = build_contexts(document, lint_settings)
    if len(contexts) != 1:
        return None, ()
    return contexts[0], find_problems(document, contexts, lint_settings, WRITABLE_TOOLS[tool].file)


def _write_reasons(
    tree: ModuleTree, plan: Plan, candidate: Candidate, values: dict[str, Value], tool: str
) -> dict[str, str]:
    """A comment for each field, with the figures of the plan."""
    table = build_rows(tree, split_modules(tree, plan))
    reached, every = count_linear_layers(table, tree.output_embeddings)
    trains = ""
    if plan.trainable is not None and plan.total:
        share = 100 * plan.trainable / plan.total
        trains = f"; this one trains {plan.trainable:,} parameters ({share:.2f} %)"
    reasons = {
        "r": f"the rank: 8 to 64 are usual{trains}",
        "lora_alpha": "twice the rank: the update is scaled by lora_alpha / r = 2",
        "lora_dropout": _explain_dropout(values, tool),
        "target_modules": f"{candidate.why}: {reached:,} of {every:,} linear layers",
        "target_parameters": "the experts are fused parameters, which only this reaches",
        "modules_to_save": "the head starts untrained, so it trains in full",
        "exclude_modules": "the vision and audio parts stay as they are",
    }
    return {name: text for name, text in reasons.items() if name in values}


def _explain_dropout(values: dict[str, Value], tool: str) -> str:
    if values["lora_dropout"]:
        return "some dropout, against overfitting on small data"
    if "target_parameters" in values:
        return "PEFT has no dropout on fused experts"
    return WRITABLE_TOOLS[tool].no_dropout or ""


def _reaches_towers(plan: Plan) -> bool:
    return any(get_component(wrapped.group.template) in TOWERS for wrapped in plan.wrapped)


def _format_header_comment(model: str, tree: ModuleTree, tool: str) -> str:
    title = WRITABLE_TOOLS[tool].title
    rest = " Data, output and training keys are yours to add."
    if WRITABLE_TOOLS[tool].is_script:
        rest = ""
    return f"LoRA on {model} ({tree.cls}) for {title}, by loracheck init.{rest}"
