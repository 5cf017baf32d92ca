"""The settings of a file that installs releases itself."""

from __future__ import annotations

from loracheck.releases.pins.own import find_own_pins
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from loracheck.documents.model import Document
    from loracheck.options.lint_settings import LintSettings


def add_own_pins(settings: LintSettings, document: Document) -> LintSettings:
    """The settings with the releases that the document itself installs."""
    pins = find_own_pins(document)
    if not pins:
        return settings
    return settings._replace(trees=settings.trees._replace(own_pins=pins))
