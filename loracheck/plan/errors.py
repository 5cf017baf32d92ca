"""`RefusedError`: what PEFT would raise, as data; the simulation raises it where PEFT does."""

from __future__ import annotations

from .model import PlanError, Stage


class RefusedError(Exception):
    """PEFT would raise here."""

    def __init__(
        self,
        code: str,
        exception: str,
        message: str,
        field: str | None = None,
        module: str | None = None,
    ) -> None:
        super().__init__(message)
        self.error = PlanError(code, exception, message, field, module)

    def with_stage(self, stage: Stage, module: str | None = None) -> PlanError:
        """The error with its place."""
        return self.error._replace(stage=stage, module=self.error.module or module)


class NotKnownError(Exception):
    """A value that decides what is targeted is not known before run time."""


class UnfoldError(Exception):
    """What follows depends on the order of single modules, so the run starts again unfolded."""
