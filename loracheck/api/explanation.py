"""`Explanation`: what a config does to its model."""

from __future__ import annotations

from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from loracheck.explain.file.impact import Impact


class Explanation:
    """What the settings of a config do: modules, ranks, numbers. `str()` is the text of `loracheck
    explain`; a notebook shows the page with the coverage map.
    """

    def __init__(self, impacts: Sequence[Impact], path: str) -> None:
        self.impacts = tuple(impacts)
        """All numbers, one value for each LoRA setting of the config."""
        self.path = path
        """The config's path, or the name of its text."""

    def to_json(self) -> str:
        """As `loracheck explain --format json` writes it (schemas/)."""
        from loracheck.explain.file.json_report import format_settings_json

        return format_settings_json(self.impacts)

    def to_html(self) -> str:
        """The whole page."""
        from loracheck.explain.html.page import render_html

        return render_html(self.impacts, self.path)

    def to_svg(self) -> str:
        """The coverage map of the first setting. Raises ValueError where there is none."""
        if not self.impacts:
            raise ValueError(f"{self.path} sets no LoRA up")
        from loracheck.explain.html.coverage_map import render_svg

        return render_svg(self.impacts[0])

    def __str__(self) -> str:
        if not self.impacts:
            return f"{self.path} sets no LoRA up"
        from loracheck.explain.text import TextStyle, render

        return "\n\n\n".join(render(impact, TextStyle()) for impact in self.impacts)

    def __repr__(self) -> str:
        return f"<Explanation of {self.path}: {len(self.impacts)} LoRA settings>"

    def _repr_html_(self) -> str:
        from .notebook import show_page

        return show_page(self.to_html())
