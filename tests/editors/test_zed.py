"""The extension for Zed: what its manifests say. Building it needs Rust and Zed's own package."""

from __future__ import annotations

from pathlib import Path

import tomli

from loracheck import __version__

FOLDER = Path(__file__).parents[2] / "editors" / "zed"


def test_the_manifests_agree_with_the_package_and_the_source() -> None:
    extension = tomli.loads((FOLDER / "extension.toml").read_text("utf-8"))
    crate = tomli.loads((FOLDER / "Cargo.toml").read_text("utf-8"))
    source = (FOLDER / crate["lib"]["path"]).read_text("utf-8")
    assert {extension["version"], crate["package"]["version"]} == {__version__}
    assert extension["schema_version"] == 1
    (server,) = extension["language_servers"]
    assert f'const NAME: &str = "{server}";' in source
    assert crate["lib"]["crate-type"] == ["cdylib"], "Zed builds it as WebAssembly"
    assert 'vec!["lsp".to_string()]' in source


def test_its_languages_are_those_of_the_page() -> None:
    extension = tomli.loads((FOLDER / "extension.toml").read_text("utf-8"))
    languages = set(extension["language_servers"]["loracheck"]["languages"])
    assert languages == {"YAML", "JSON", "JSONC", "TOML", "Python", "Shell Script"}
    page = (FOLDER.parents[1] / "docs" / "editors.md").read_text("utf-8")
    assert "`editors/zed`" in page and "Install Dev Extension" in page
