"""A tool with another one's options has that one's reader."""

from __future__ import annotations

from loracheck.documents.toml.document import parse
from loracheck.tools import kohya

TOOL = kohya.TOOL._replace(name="fork")
TEXT = 'network_module = "own.lora"\nnetwork_dim = 32\n'


def test_a_fork_has_network_modules_of_its_own() -> None:
    document = parse("fork.toml", TEXT)
    (setting,) = kohya.read(document, TOOL, modules=("own.lora",))
    assert setting.tool_name == "fork" and setting.fields["r"] == 32
    assert kohya.read(document) == []
