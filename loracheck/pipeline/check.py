"""`check_file`: one file, or its unsaved text, from the bytes to the result."""

from __future__ import annotations

from os.path import basename

from loracheck.documents import load_config, read
from loracheck.documents.formats import get_suffix
from loracheck.documents.model import DocumentError, Span
from loracheck.documents.source import load
from loracheck.findings import Finding
from loracheck.results import FileResult
from loracheck.tools.core.quick_look import may_set_lora
from loracheck.type_checking import TYPE_CHECKING

from .excerpt import split_lines
from .relevance import ADAPTER_FILE, WEIGHTS

if TYPE_CHECKING:
    from loracheck.options.lint_settings import LintSettings


def check_file(
    path: str,
    display_path: str,
    settings: LintSettings,
    text: bytes | str | None = None,
    *,
    on_disk: bool | None = None,
    skip_unrelated: bool = False,
) -> FileResult:
    """Lint one file; what cannot be read gives a finding, and nothing is raised.

    `display_path` is the path in the report. `text` is the content where it does not come from
    disk; then `path` tells the format, the place that relative paths start from, and no more:
    neither it nor the weights beside it are read. `on_disk` True says that the text is the file's
    all the same (as after a fix), so that the weights beside it count. With `skip_unrelated` a file
    without any word of LoRA is not parsed, and one that cannot be read is passed over unless it
    seems to set LoRA up.
    """
    if on_disk is None:
        on_disk = text is None
    if text is None and path.lower().endswith(WEIGHTS):
        from .lora_file import check_lora_file

        return check_lora_file(path, display_path, settings)
    try:
        if skip_unrelated and text is None:
            text = load_config(path)
            is_adapter_file = basename(path) == ADAPTER_FILE
            if not (is_adapter_file or may_set_lora(text, get_suffix(path))):
                return FileResult(display_path, (), file=path)
        document = read(path, text)
    except DocumentError as error:
        from loracheck.tools.core.lora_keywords import seems_to_set_lora

        content = _get_content(path, text)
        if skip_unrelated and not seems_to_set_lora(content):
            return FileResult(display_path, (), file=path)
        result = build_unreadable_result(display_path, error.reason, error.span, path)
        return result._replace(lines=_split_bytes_into_lines(content))
    except OSError as error:
        reason = f"cannot be read: {error.strerror or error}"
        return build_unreadable_result(display_path, reason, Span(1, 1, 1, 1), path)
    # What follows is half of all modules, and most files of a search have no need of them.
    from .judge import judge_document

    return judge_document(document, path, display_path, settings, on_disk=on_disk)


def build_unreadable_result(
    display_path: str, reason: str, span: Span, path: str = ""
) -> FileResult:
    """The result of a file that cannot be read: one finding at the place of the fault."""
    finding = Finding("LC001", "unreadable-file", "error", reason, display_path, span)
    return FileResult(display_path, (finding,), unreadable=True, file=path)


def as_note(result: FileResult) -> FileResult:
    """The result of a file that was left out: what is said of it is no fault of the run."""
    notes = tuple(finding._replace(severity="note") for finding in result.findings)
    return result._replace(findings=notes, unreadable=False)


def _get_content(path: str, text: bytes | str | None) -> bytes:
    """The bytes of a file that is no document; empty where they cannot be had (a folder, a file
    that is too big for a config).
    """
    if text is not None:
        return text.encode("utf-8", "replace") if isinstance(text, str) else text
    try:
        return load(path)
    except (DocumentError, OSError):
        return b""


def _split_bytes_into_lines(content: bytes) -> tuple[str, ...]:
    """The lines of a file that is no document, for the excerpt; none where it is no text."""
    try:
        return split_lines(content.decode("utf-8-sig")) if content else ()
    except UnicodeDecodeError:
        return ()
