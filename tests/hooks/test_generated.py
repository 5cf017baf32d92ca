"""The hooks file and the schema of the settings are what their tables say."""

from __future__ import annotations

from pathlib import Path

import yaml

from loracheck.options import hooks, schema
from loracheck.policies import setting_schema

ROOT = Path(__file__).parents[2]


def test_the_hooks_file_is_current() -> None:
    kept = (ROOT / ".pre-commit-hooks.yaml").read_text("utf-8")
    assert kept == hooks.render()
    made = yaml.safe_load(kept)
    assert [hook["id"] for hook in made] == list(hooks.HOOKS)
    assert all(hook["require_serial"] is True for hook in made), "one run, one summary"


def test_the_schema_is_current() -> None:
    kept = (ROOT / "schemas" / "loracheck.schema.json").read_text("utf-8")
    assert kept == schema.render()


def test_the_schema_of_settings_in_normal_form_is_current() -> None:
    kept = (ROOT / "schemas" / "setting.schema.json").read_text("utf-8")
    assert kept == setting_schema.render()


def test_make_writes_what_these_modules_print() -> None:
    text = (ROOT / "Makefile").read_text("utf-8")
    assert "\t$(PYTHON) -m loracheck.options.hooks > .pre-commit-hooks.yaml\n" in text
    assert "\t$(PYTHON) -m loracheck.options.schema > schemas/loracheck.schema.json\n" in text
    assert (
        "\t$(PYTHON) -m loracheck.policies.setting_schema > schemas/setting.schema.json\n" in text
    )
