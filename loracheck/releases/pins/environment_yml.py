"""environment.yml of conda, with the requirements for pip in it."""

from __future__ import annotations

from loracheck.type_checking import TYPE_CHECKING

from .pin import Pin, find_line_number
from .requirement import NoReleaseError, parse_conda_requirement
from .requirements_txt import parse_requirement_pin

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any


def parse_pins(file: str, text: str) -> Iterator[Pin]:
    """The pins of an environment.yml. Raises ValueError for what is no YAML."""
    import yaml

    try:
        data = yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError) as error:
        raise ValueError(str(error)) from error
    dependencies: Any = data.get("dependencies") if isinstance(data, dict) else None
    for item in dependencies if isinstance(dependencies, list) else ():
        if isinstance(item, str):
            yield from _parse_conda_pin(item, file, text)
        elif isinstance(item, dict) and isinstance(item.get("pip"), list):
            for requirement in item["pip"]:
                if isinstance(requirement, str):
                    yield from parse_requirement_pin(
                        requirement, file, find_line_number(text, requirement)
                    )


def _parse_conda_pin(item: str, file: str, text: str) -> Iterator[Pin]:
    line = find_line_number(text, item)
    try:
        requirement = parse_conda_requirement(item)
    except NoReleaseError:
        name = item.partition("::")[2] or item
        package = "peft" if name.lower().startswith("peft") else "transformers"
        yield Pin(package, None, item, file, line)
        return
    if requirement and requirement[1]:
        yield Pin(requirement[0], requirement[1], item, file, line)
