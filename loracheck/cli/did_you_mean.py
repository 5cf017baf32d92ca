"""Names that are nearly a topic of `loracheck explain`: of files, fields, tools' keys, rules and
bundled models.
"""

from __future__ import annotations

import os
from difflib import get_close_matches

from loracheck.rules import list_all_rules
from loracheck.trees.id_hints import find_similar_models


def find_similar_topics(topic: str) -> list[str]:
    """At most three names, the likeliest first; none where nothing is near."""
    folder, name = os.path.split(topic)
    beside = os.listdir(folder or os.curdir) if os.path.isdir(folder or os.curdir) else []
    files = [os.path.join(folder, match) for match in get_close_matches(name, beside, 2, 0.8)]
    rules = {rule.name: rule.name for rule in list_all_rules()} | {
        r.code.lower(): r.code for r in list_all_rules()
    }
    topics = {**rules, **_collect_field_names()}
    close = [topics[name] for name in get_close_matches(topic.lower(), topics, 3, 0.8)]
    return list(dict.fromkeys([*files, *close, *find_similar_models(topic)]))[:3]


def _collect_field_names() -> dict[str, str]:
    """LoraConfig's fields, those of its sub-configs by their path, and the keys of tools."""
    from loracheck.config.field_table import get_lora_fields, get_sub_config_fields
    from loracheck.explain.field.tool_key_index import iter_tools

    inner = [
        f"{one.name}.{name}"
        for one in get_lora_fields().values()
        for name in get_sub_config_fields(one.config or "")
    ]
    keys = [key.name for tool in iter_tools() for key in tool.keys]
    return {name.lower(): name for name in (*keys, *inner, *get_lora_fields())}
