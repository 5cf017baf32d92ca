"""What the report says of a setting beside its findings: its model, its plan in numbers, and the
releases that it was judged by.
"""

from __future__ import annotations

from os.path import dirname

from loracheck.releases.peft import choose_peft_release
from loracheck.results import SettingResult
from loracheck.trees.sources import lock
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from loracheck.options.lint_settings import LintSettings
    from loracheck.rules import RuleContext
    from loracheck.trees.sources.request import ResolvedTree


def build_setting_result(
    context: RuleContext, display_path: str, settings: LintSettings
) -> SettingResult:
    """The result of the setting of a context."""
    setting, tree, plan = context.setting, context.tree, context.plan
    folder = dirname(setting.document.path) or "."
    trees = settings.trees
    peft = choose_peft_release(folder, settings.peft, trees.python, trees.own_pins)
    fitting_plan = plan if plan is not None and plan.error is None else None
    return SettingResult(
        display_path,
        # Places cost a second pass over the text.
        context.document.span(setting.path).line if settings.with_lines else None,
        setting.tool_name,
        setting.model if isinstance(setting.model, str) else None,
        tree.model_type if tree else None,
        context.resolved.source,
        tree.transformers if tree else None,
        tree is not None,
        fitting_plan.targeted if fitting_plan else None,
        fitting_plan.trainable if fitting_plan else None,
        fitting_plan.total if fitting_plan else None,
        _explain_release(context.resolved),
        peft.release,
        peft.reason,
        (*context.resolved.notes, *peft.notes),
        tree.built_by if tree and tree.library != "transformers" else None,
    )


def _explain_release(resolved: ResolvedTree) -> str | None:
    """Why the tree is of the transformers release that it is."""
    release, tree = resolved.release, resolved.tree
    if tree is not None and (resolved.source or "").startswith(lock.NAME):
        return lock.NAME
    if release is None or tree is None or f"{tree.transformers}.".startswith(f"{release.version}."):
        return release.reason if release else None
    return f"for {release.version}, {release.reason}"
