"""Elements of a page: text is always escaped, because a linted file's words end up in it."""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element, tostring

from loracheck.reporters.sinks import clean_page_text
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

Content = Element | str


def build_element(name: str, /, *content: Content, **attributes: str | float) -> Element:
    """An element with its content in order.

    An attribute `class_` is `class`, `data_x` is `data-x`; numbers are written short.
    """
    element = Element(name)
    for key, value in attributes.items():
        element.set(key.rstrip("_").replace("_", "-"), _clean_text(value))
    append_content(element, content)
    return element


def append_content(parent: Element, content: Iterable[Content]) -> None:
    """Append elements and text."""
    last: Element | None = parent[-1] if len(parent) else None
    for item in content:
        if isinstance(item, Element):
            parent.append(item)
            last = item
        elif last is None:
            parent.text = (parent.text or "") + _clean_text(item)
        else:
            last.tail = (last.tail or "") + _clean_text(item)


def build_code_element(text: object) -> Element:
    """A name or value as written in a config; a long one may break after its dots."""
    first, *more = re.split(r"(?<=\.)", str(text))
    element = build_element("code", first)
    for part in more:
        append_content(element, [build_element("wbr"), part])
    return element


def serialize(root: Element, *, html: bool = False) -> str:
    """The element as text; as HTML, empty elements get their end tags and styles stay as they
    are.
    """
    text = tostring(root, encoding="unicode", method="html" if html else "xml")
    return text.replace("</wbr>", "") if html else text  # which Python 3.10 writes


def _clean_text(value: str | float) -> str:
    return clean_page_text(value) if isinstance(value, str) else f"{value:.6g}"
