"""`explain --format setting`: the settings of a file as policies see them."""

from __future__ import annotations

from loracheck.documents.model import Unknown
from loracheck.pipeline import read_contexts
from loracheck.policies.model import Between, OpenDict
from loracheck.reporters.sinks import format_json
from loracheck.rules.support.normal_setting import build_normal_setting
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from loracheck.documents.values import Value
    from loracheck.options.lint_settings import LintSettings


def print_normal_form(path: str, settings: LintSettings, text: bytes | None = None) -> str:
    """A list as JSON: of each setting of a file, or of a text under its name, the normal form, and
    the paths of what in it is not known, which is left out. Raises DocumentError and OSError.
    """
    lines = []
    for context in read_contexts(path, settings, text):
        unknown: list[str] = []
        normal = _leave_out_unknown(build_normal_setting(context), "", unknown)
        lines.append({"setting": normal, "unknown": unknown})
    return format_json(lines)


def _leave_out_unknown(value: Value, path: str, unknown: list[str]) -> Value:
    """The value without its unknown parts, whose paths are added to `unknown`; those of a list stay
    as null, so that the others keep their places.
    """
    if isinstance(value, list):
        return [_leave_out_unknown(v, f"{path}[{i}]", unknown) for i, v in enumerate(value)]
    if isinstance(value, dict):
        normal = {}
        for key, item in value.items():
            inner = f"{path}.{key}" if path else key
            known_value = _leave_out_unknown(item, inner, unknown)
            if not isinstance(item, (Unknown, Between)):
                normal[key] = known_value
        if isinstance(value, OpenDict):
            unknown.append(f"{path}.*")
        return normal
    if isinstance(value, Between):
        unknown.append(f"{path} (from {value.low:,} to {value.high:,})")
        return None
    if isinstance(value, Unknown):
        unknown.append(path)
        return None
    return value
