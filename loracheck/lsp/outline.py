"""The outline of a text: its LoRA settings, and in each the fields that it sets."""

from __future__ import annotations

from loracheck.documents.model import Span, Unknown
from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from loracheck.documents.model import Document, Path
    from loracheck.documents.values import Value
    from loracheck.rules import RuleContext

    from .analysis import Analysis

LONGEST = 60
"""Characters of a value that an outline shows."""


class Symbol(NamedTuple):
    """A setting or a field: `whole` is all of its text, `name_span` what names it."""

    name: str
    detail: str
    whole: Span
    name_span: Span
    children: tuple[Symbol, ...] = ()


def list_symbols(analysis: Analysis) -> list[Symbol]:
    """The settings of a text, each with its fields; none where it could not be read as it is."""
    if not analysis.readable:
        return []
    contexts = (one for one in analysis.contexts if one.document is analysis.document)
    return [_build_setting_symbol(context) for context in contexts]


def _build_setting_symbol(context: RuleContext) -> Symbol:
    setting, document = context.setting, context.document
    places = {field: path for field, path in setting.places.items() if len(path) > 0}
    children = [
        _build_field_symbol(document, path, setting.fields.get(field))
        for field, path in places.items()
    ]
    if setting.model_place:
        children.append(_build_field_symbol(document, setting.model_place, setting.model))
    children.sort(key=lambda child: child.whole)
    spans = [document.span(setting.path), *(child.whole for child in children)]
    whole = _join(spans)
    first = children[0].name_span if children else document.span(setting.path)
    return Symbol(
        f"LoRA ({setting.tool_name})", _show(setting.model), whole, first, tuple(children)
    )


def _build_field_symbol(document: Document, path: Path, value: Value) -> Symbol:
    key, place = document.span(path, key=True), document.span(path)
    return Symbol(str(path[-1]), _show(value), _join([key, place]), key)


def _join(spans: list[Span]) -> Span:
    """The shortest span that holds all of them."""
    start = min((span.line, span.column) for span in spans)
    end = max((span.end_line, span.end_column) for span in spans)
    return Span(*start, *end)


def _show(value: Value) -> str:
    text = value.text if isinstance(value, Unknown) else "" if value is None else str(value)
    line = " ".join((text or "").split())
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 3]}..."
