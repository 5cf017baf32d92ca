"""environment.yml of conda, with the requirements for pip in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .pin import Pin, line_of
from .requirement import NoReleaseError, of_conda
from .requirements_txt import pin_of

if TYPE_CHECKING:
    from collections.abc import Iterator


def pins(file: str, text: str) -> Iterator[Pin]:
    """The pins of an environment.yml. Raises ValueError for what is no YAML."""
    import yaml

    try:
        data = yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError) as error:
        raise ValueError(str(error)) from error
    listed: Any = data.get("dependencies") if isinstance(data, dict) else None
    for item in listed if isinstance(listed, list) else ():
        if isinstance(item, str):
            yield from _conda(item, file, text)
        elif isinstance(item, dict) and isinstance(item.get("pip"), list):
            for requirement in item["pip"]:
                if isinstance(requirement, str):
                    yield from pin_of(requirement, file, line_of(text, requirement))


def _conda(item: str, file: str, text: str) -> Iterator[Pin]:
    line = line_of(text, item)
    try:
        found = of_conda(item)
    except NoReleaseError:
        name = item.partition("::")[2] or item
        package = "peft" if name.lower().startswith("peft") else "transformers"
        yield Pin(package, None, item, file, line)
        return
    if found and found[1]:
        yield Pin(found[0], found[1], item, file, line)
