"""The text about a topic: a config file, a rule, a field or a tool's key, a model."""

from __future__ import annotations

import os
from pathlib import Path


def explain_topic(topic: str, model: str | None) -> str:
    """The text about a topic, `model` being the one to hold a file against. Raises ValueError for a
    topic that is nothing known, OSError and DocumentError for a file that cannot be read.
    """
    if os.path.exists(topic) and not _is_model(topic):
        return _explain_file(topic, model)
    from loracheck.explain.rule import find_rule, render_rule

    rule = find_rule(topic)
    if rule is not None:
        return render_rule(rule)
    return _explain_name(topic) or _explain_model(topic)


def _explain_file(path: str, model: str | None) -> str:
    """What a config does. The Hub is not asked, whatever the repository's settings say."""
    from loracheck.api.config_source import find_config
    from loracheck.api.explanation import Explanation
    from loracheck.explain.file.assess_file import assess_file
    from loracheck.options.run_options import RunOptions
    from loracheck.options.run_settings import resolve_settings

    file = find_config(Path(path)).path
    settings = resolve_settings(RunOptions(model, online=False), (file,)).for_path(file)
    return str(Explanation(assess_file(file, settings), file))


def _is_model(path: str) -> bool:
    """Whether a path is a model's folder or config.json."""
    if os.path.isdir(path):
        return not os.path.isfile(os.path.join(path, "adapter_config.json"))
    if not path.endswith(".json"):
        return False
    from loracheck.documents import read

    root = read(path).roots[0]
    return isinstance(root, dict) and bool({"model_type", "architectures"} & root.keys())


def _explain_name(topic: str) -> str | None:
    """The page of a field or of a tool's key; None where it is neither."""
    from loracheck.explain.field.page import find_field, render_field
    from loracheck.explain.field.tool_key_page import find_tool_keys, render_tool_keys

    field = None if "/" in topic else find_field(topic)
    if field is not None:
        return render_field(field)
    keys = () if "/" in topic else find_tool_keys(topic)
    return render_tool_keys(topic, keys) if keys else None


def _explain_model(topic: str) -> str:
    """The overview of a model. Raises ValueError where it is none."""
    from loracheck.explain.model.overview import describe_model
    from loracheck.explain.text import TextStyle
    from loracheck.explain.text.model_overview import render
    from loracheck.trees.resolve import resolve
    from loracheck.trees.sources.request import Request

    resolved = resolve(Request(topic))
    if resolved.tree is None:
        reasons = (f"{topic!r:.200} is no file, rule or field", resolved.reason, resolved.help)
        raise ValueError("; ".join(part for part in reasons if part))
    return render(describe_model(topic, resolved), TextStyle())
