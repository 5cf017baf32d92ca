"""`LoraConfig.__post_init__`: refuses, warns and rewrites, in PEFT's order.

Source: PEFT 0.21.2, config.py and tuners/lora/config.py. The checks are the table of
`loracheck.config.post_init`.
"""

from __future__ import annotations

from loracheck.config.field_table import get_sub_config_fields
from loracheck.config.post_init import IS_WARNING, TASK_TYPE_CHECK, find_checks
from loracheck.documents.model import Record
from loracheck.plan.errors import RefusedError
from loracheck.type_checking import TYPE_CHECKING

from .module_lists import remove_duplicates
from .sub_configs import build_sub_configs

if TYPE_CHECKING:
    from loracheck.config.post_init import PostInitCheck
    from loracheck.plan.warning_log import WarningLog

    from .effective_config import EffectiveConfig


def run_post_init(config: EffectiveConfig, log: WarningLog) -> None:
    """Change the config as PEFT does, and put its warnings into the log.

    Raises RefusedError where PEFT raises.
    """
    if TASK_TYPE_CHECK.is_in(config.release) and TASK_TYPE_CHECK.speaks(config):
        raise _make_error(TASK_TYPE_CHECK, config)
    if isinstance(config.target_modules, list):
        config.target_modules = remove_duplicates(config.target_modules, "target_modules")
    if isinstance(config.exclude_modules, list):
        config.exclude_modules = remove_duplicates(config.exclude_modules, "exclude_modules")
    build_sub_configs(config)
    if isinstance(config.loftq_config, Record):  # PEFT takes an instance apart with `vars`
        defaults = {
            name: field.default for name, field in get_sub_config_fields("LoftQConfig").items()
        }
        config.loftq_config = {**defaults, **config.loftq_config}
    for check in find_checks(config):
        if check.exception != IS_WARNING:
            raise _make_error(check, config)
        log.add(check.code, check.format_message(config), field=check.field)
        if check.code == "loftq-config-ignored":
            config.loftq_config = {}


def _make_error(check: PostInitCheck, config: EffectiveConfig) -> RefusedError:
    message = check.format_message(config)
    return RefusedError(check.code, check.exception, message, check.field)
