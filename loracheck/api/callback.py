"""`LoracheckCallback`: a check before the first step of a Trainer."""

from __future__ import annotations

import logging

from loracheck.findings import LEVELS, is_at_or_above
from loracheck.trees.live import find_adapters
from loracheck.type_checking import TYPE_CHECKING

from .check import check

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from loracheck.findings import Severity

    from .report import Report

LOGGER = logging.getLogger("loracheck")


class LoracheckCallback:
    """For `Trainer(callbacks=[LoracheckCallback()])` of transformers, and the trainers of TRL.

    Before step 0 the adapter on the model (or `config`) is checked against the model itself. What
    is found goes to the logger "loracheck"; a finding as bad as `fail_on` or worse stops the run
    with ConfigError. transformers is not imported: a trainer calls its callbacks by their methods'
    names (transformers 5.24.0 trainer_callback.py, CallbackHandler.call_event).
    """

    def __init__(
        self,
        config: Any = None,
        *,
        fail_on: Severity = "error",
        serve: Iterable[str] | str = (),
        select: Iterable[str] | str | None = None,
    ) -> None:
        if fail_on not in LEVELS:
            raise ValueError(f"fail_on is one of {', '.join(LEVELS)}, and not {fail_on!r}")
        self.config, self.fail_on, self.serve, self.select = config, fail_on, serve, select
        self.report: Report | None = None
        """The report, once training has begun."""

    def on_train_begin(
        self, args: Any, state: Any, control: Any, model: Any = None, **others: Any
    ) -> None:
        """Check the adapter. Raises ConfigError; ValueError for a model that cannot be read."""
        config = self.config
        if config is None:
            if not find_adapters(model):
                LOGGER.info("the model has no adapter, so nothing was checked")
                return
            config = model
        report = check(config, model, serve=self.serve, select=self.select)
        self.report = report
        report.raise_for_errors(self.fail_on)
        if any(is_at_or_above(finding, "warning") for finding in report.findings):
            LOGGER.warning("%s", report)
        else:
            LOGGER.info("%s", report)

    def __getattr__(self, name: str) -> Callable[..., None]:
        """Any other event of a trainer: nothing is done."""
        if name.startswith("on_"):
            return _do_nothing
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")


def _do_nothing(*arguments: Any, **keywords: Any) -> None:
    pass
