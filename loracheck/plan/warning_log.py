"""The warnings a plan collects, each once."""

from __future__ import annotations

from loracheck.plan.model import PlanWarning


class WarningLog:
    """Warnings in the order PEFT gives them; a repetition is kept once."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str], PlanWarning] = {}

    def add(
        self, code: str, message: str, *, category: str = "UserWarning", field: str | None = None
    ) -> None:
        """One warning."""
        self._found.setdefault((code, message), PlanWarning(code, category, message, field))

    def list_all(self) -> tuple[PlanWarning, ...]:
        """Every warning so far."""
        return tuple(self._found.values())
