"""Makes click's option out of an `Option`."""

from __future__ import annotations

import click

from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from .option import Option


def add_options(options: Iterable[Option]) -> Callable[[Any], Any]:
    """A decorator that gives a command the options, in their order."""

    def decorate(command: Any) -> Any:
        for option in reversed(tuple(options)):
            command = _add(option)(command)
        return command

    return decorate


def _add(option: Option) -> Callable[[Any], Any]:
    more: dict[str, Any] = {"help": option.help}
    if not option.takes_value:
        more |= {"default": None} if option.is_switch else {"is_flag": True}
    else:
        metavar = None if option.type is not None else option.metavar  # the type has its own
        more |= {"metavar": metavar, "default": option.default, "type": _type(option)}
    if option.multiple:
        more |= {"multiple": True, "default": ()}
    if option.variable is not None:
        more["envvar"] = option.variable
    if option.complete is not None:
        more["shell_complete"] = option.complete
    if option.convert is not None and option.type is None:
        more["callback"] = _build_callback(option.convert)
    names = (*option.flags, option.parameter) if option.parameter else option.flags
    return click.option(*names, **more)


def _type(option: Option) -> Any:
    if option.type is not None:
        return option.type()
    if option.choices:
        return click.Choice(option.choices)
    return None if option.least is None else click.IntRange(min=option.least)


def _build_callback(convert: Callable[[str], Any]) -> Callable[..., Any]:
    """Raises a usage error for what cannot be converted."""

    def call(context: click.Context, parameter: click.Parameter, value: str | None) -> Any:
        if value is None:
            return None
        try:
            return convert(value)
        except ValueError as error:
            raise click.BadParameter(str(error), context, parameter) from error

    return call
