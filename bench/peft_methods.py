"""`python -m bench.peft_methods`: writes `loracheck/config/methods.json`, PEFT's methods beside
LoRA: config class, and whether it finds its modules by `target_modules` as LoRA does. Needs PEFT.
"""

from __future__ import annotations

import dataclasses
import json

from loracheck.config.methods import PATH, TARGET_FIELDS

APART = frozenset({"ADAPTION_PROMPT"})
"""Methods whose `target_modules` is matched in another way (PEFT 0.21.2 tuners/adaption_prompt)."""


def read_methods() -> dict[str, list[object]]:
    """Method -> [config class, its fields that choose modules]."""
    from peft.mapping import PEFT_TYPE_TO_CONFIG_MAPPING

    found: dict[str, list[object]] = {}
    for kind, cls in PEFT_TYPE_TO_CONFIG_MAPPING.items():
        name = str(getattr(kind, "value", kind))
        fields = {field.name for field in dataclasses.fields(cls)}
        targets = "target_modules" in fields and name not in APART
        chosen = [field for field in TARGET_FIELDS if field in fields] if targets else []
        if name != "LORA":
            found[name] = [cls.__name__, chosen]
    return dict(sorted(found.items()))


if __name__ == "__main__":
    rows = (f"{json.dumps(name)}: {json.dumps(row)}" for name, row in read_methods().items())
    text = "{\n" + ",\n".join(rows) + "\n}\n"
    with open(PATH, "w", encoding="utf-8") as file:
        file.write(text)
