"""`python -m loracheck.config.generate`: writes everything that is made from the models."""

from __future__ import annotations

import json
from pathlib import Path

from loracheck.type_checking import TYPE_CHECKING

from . import models
from .field_spellings import REMOVED, SPELLINGS
from .read_models import AnnotationFacts, get_field_facts, get_plain_default, iterate_model_fields
from .release_timeline import build_release_table
from .schema import NAMES, build_config_schema, build_release_schema

if TYPE_CHECKING:
    from typing import Any

    from loracheck.documents.values import Value

HERE = Path(__file__).parent
SCHEMAS = HERE.parent.parent / "schemas"


def build_facts() -> dict[str, Any]:
    """What the hot path needs of every field."""
    return {
        "fields": _build_model_facts(models.LoraConfig),
        "configs": {name: _build_model_facts(model) for name, model in models.SUB_CONFIGS.items()},
        "removed": REMOVED,
        "spellings": SPELLINGS,
        "ratio": list(models.RATIO[:2]),
    }


def build_help_texts() -> dict[str, Value]:
    """The long texts, by "Class.field": read when one is shown."""
    texts: dict[str, Any] = {}
    every: list[type[models.Model]] = [models.LoraConfig, *models.SUB_CONFIGS.values()]
    for model in every:
        for name, field, _ in iterate_model_fields(model):
            more = get_field_facts(field)
            typical = more["typical"]
            texts[f"{model.__name__}.{name}"] = {
                "help": field.description,
                "source": more["source"],
                **({"typical": typical.text, "typical_source": typical.source} if typical else {}),
                **({"examples": field.examples} if field.examples else {}),
            }
    texts["ratio"] = {"typical": models.RATIO.text, "typical_source": models.RATIO.source}
    return texts


def _build_model_facts(model: type[models.Model]) -> dict[str, Any]:
    return {
        name: _build_field_facts(field, owner) for name, field, owner in iterate_model_fields(model)
    }


def _build_field_facts(field: Any, owner: str) -> dict[str, Any]:
    read, more = AnnotationFacts(field), get_field_facts(field)
    facts = {
        "type": read.type,
        "default": get_plain_default(field),
        "choices": read.choices or None,
        **read.limits,
        "config": read.config,
        "since": more["since"],
        "newer": more["choices_since"] or None,
        "effect": more["effect"],
        "outcome": more["outcome"],
        "peft": more["peft"],
        "typical": list(more["typical"][:2]) if more["typical"] else None,
        "internal": more["internal"] or None,
        "base": True if owner == "PeftConfig" else None,
    }
    return {k: v for k, v in facts.items() if v is not None or k == "default"}


def format_json_to_depth(value: dict[str, Value], depth: int) -> str:
    """JSON with one entry per line down to `depth`, so that a change is a readable diff."""

    def write(value: Value, level: int) -> str:
        if level == depth or not isinstance(value, dict) or not value:
            return json.dumps(value, ensure_ascii=False)
        pad = " " * (level + 1)
        rows = [f"{pad}{json.dumps(k)}: {write(v, level + 1)}" for k, v in value.items()]
        return "{\n" + ",\n".join(rows) + "\n" + " " * level + "}"

    return write(value, 0) + "\n"


def build_file_texts() -> dict[Path, str]:
    """Path and text of every generated file."""
    texts = {
        HERE / "facts.json": "".join(format_json_to_depth(build_facts(), 3)),
        HERE / "help.json": format_json_to_depth(build_help_texts(), 1),
        HERE / "versions.json": format_json_to_depth(build_release_table(), 3),
    }
    for name in NAMES:
        texts[SCHEMAS / f"{name}.schema.json"] = _format_json(build_config_schema(name))
    for release in build_release_table()["releases"]:
        name = f"lora_config-{release}.schema.json"
        texts[SCHEMAS / "peft" / name] = _format_json(build_release_schema(release))
    return texts


def _format_json(value: dict[str, Value]) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def main() -> None:
    """Write the files that differ."""
    for path, text in build_file_texts().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
