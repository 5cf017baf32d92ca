"""A first config of a diffusion model for one of its trainers: the attention as targets where the
trainer lets them be chosen, alpha equal to the rank, so that the update is scaled by 1.

It is given only where the trainer's own reader reads it and no rule has anything to say of it.
"""

from __future__ import annotations

from loracheck.documents import read
from loracheck.explain.file.coverage import count_linear_layers
from loracheck.explain.file.module_rows import build_rows, split_modules
from loracheck.explain.write import DIFFUSION_TOOLS, write_for_diffusion
from loracheck.findings import is_at_or_above
from loracheck.pipeline import build_contexts, find_problems
from loracheck.tools.core.diffusion_draft import DiffusionRequest, find_family
from loracheck.type_checking import TYPE_CHECKING

from .first_config import RANK, FirstConfig, find_attention_names

if TYPE_CHECKING:
    from loracheck.options.lint_settings import LintSettings
    from loracheck.plan.model import Plan
    from loracheck.trees.model import ModuleTree, Node


def write_first_diffusion_config(
    model: str, tree: ModuleTree, tool: str, lint_settings: LintSettings, rank: int = RANK
) -> FirstConfig:
    """The config for a tool of DIFFUSION_TOOLS; without text where the tool does not train the
    model.
    """
    title = DIFFUSION_TOOLS[tool].title
    if tree.library != "diffusers":
        return FirstConfig("", (), False, f"{title} trains diffusion models alone")
    family = find_family(tree.cls, model, _find_text_width(tree))
    if family is None:
        reason = f"neither {tree.cls} nor the name {model} tells the family that {title} asks for"
        return FirstConfig("", (), False, reason)
    request = DiffusionRequest(model, family, rank, tuple(find_attention_names(tree)))
    head = f"LoRA on {model} ({tree.cls}) for {title}, by loracheck init. Data, output and "
    head += "training keys are yours to add."
    first = write_for_diffusion(request, tool, {}, head)
    if first is None:
        reason = f"{title} does not train it, or asks for more than its name tells"
        return FirstConfig("", (), False, reason)
    first_config = _check(first, tool, lint_settings, None)
    if not first_config.fit:
        return first_config
    reasons = _write_reasons(tree, _find_plan(first, tool, lint_settings))
    text = write_for_diffusion(request, tool, reasons, head) or first
    return _check(text, tool, lint_settings, first_config)


def _find_text_width(tree: ModuleTree) -> int | None:
    """The width of the text that a U-Net takes in; None for another model, and for a U-Net that
    takes more in than a noisy image of 4 channels.
    """
    if _count_inputs(tree.find("conv_in")) != 4:
        return None
    inlets = (m.node for m in tree.modules() if m.name.endswith("attn2.to_k"))
    return _count_inputs(tree.find("encoder_hid_proj") or next(inlets, None))


def _count_inputs(node: Node | None) -> int | None:
    weight = node.parameter("weight") if node is not None else None
    return weight.shape[1] if weight is not None and len(weight.shape) > 1 else None


def _check(
    text: str, tool: str, lint_settings: LintSettings, before: FirstConfig | None
) -> FirstConfig:
    """The text as it fares with loracheck's rules; `before` is kept where comments change that."""
    file = DIFFUSION_TOOLS[tool].file
    document = read(file, text)
    contexts = build_contexts(document, lint_settings)
    if len(contexts) != 1:
        return before or FirstConfig("", (), False, "the tool's reader finds no LoRA in the file")
    findings = find_problems(document, contexts, lint_settings, file)
    fit = not any(is_at_or_above(finding, "warning") for finding in findings)
    return FirstConfig(text, findings, fit)


def _find_plan(text: str, tool: str, lint_settings: LintSettings) -> Plan | None:
    contexts = build_contexts(read(DIFFUSION_TOOLS[tool].file, text), lint_settings)
    return contexts[0].plan if contexts else None


def _write_reasons(tree: ModuleTree, plan: Plan | None) -> dict[str, str]:
    """A comment for each field, with the figures of the plan where there is one."""
    trains = targets = ""
    if plan is not None and plan.error is None:
        reached, every = count_linear_layers(
            build_rows(tree, split_modules(tree, plan)), tree.output_embeddings
        )
        targets = f": {reached:,} of {every:,} linear layers"
        if plan.trainable is not None:
            trains = f"; this one trains {plan.trainable:,} parameters"
    return {
        "r": f"the rank: 8 to 64 are usual{trains}",
        "lora_alpha": "equal to the rank: the update is scaled by alpha / rank = 1",
        "target_modules": f"the attention{targets}",
    }
