"""What is wrong with a `LoRARequest` itself, and with the way that it is handed on. In come a
document and its calls, out come hits. The sources are those of `vllm_requests.py`.
"""

from __future__ import annotations

import re

from loracheck.lazy_pattern import compile_when_used
from loracheck.releases.pin_checks import is_pinned_within
from loracheck.rules.support.phrases import quote_names
from loracheck.rules.support.script_calls import find_source_call, get_call_span
from loracheck.rules.types import Hit
from loracheck.tools.core.server_command import ENGINES
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.model import Document
    from loracheck.documents.python.blocks import Blocks
    from loracheck.documents.python.uses import Operand, Script, Use

_FIELDS = ("lora_name", "lora_int_id", "lora_path")
_OTHER_FIELDS = frozenset(
    {"base_model_name", "load_inplace", "is_3d_lora_weight", "tensorizer_config_dict"}
    | {"long_lora_max_len", "lora_local_path", "lora_tensors", "peft_config"}
)
"""Fields of one release or another, and those that verl adds."""

_LOOP = compile_when_used(r"(?:async\s+)?for\s+(.+?)\s+in\b")
_PATHS = frozenset({"Path", "PosixPath", "PurePath"})
_PLACES = {"generate": (2, 3), "chat": (2,)}
"""Method of `LLM` -> the arguments by place that are no lora_request."""


def check_request_arguments(document: Document, script: Script) -> Iterator[Hit]:
    """One hit for every request that fails or that no engine sees, and for two of one number."""
    requests = [
        use
        for use in script.by_name.get("LoRARequest", ())
        if use.name.startswith("vllm") and not use.fails
    ]
    by_release = any("lora_path" in use.arguments for use in requests)
    for use in requests:
        yield from _check_fields(document, script, use)
        if "lora_local_path" in use.arguments and not by_release:
            yield _build_hit_of_path(document, use)
        yield from _check_unused(document, use)
    yield from _check_numbers(document, script, requests)
    yield from _check_places(document, script)


def _check_fields(document: Document, script: Script, use: Use) -> Iterator[Hit]:
    span, known = get_call_span(document, use), {*_FIELDS, *_OTHER_FIELDS}
    for name in use.arguments:
        if isinstance(name, str) and name not in known:
            yield Hit(
                f"LoRARequest has no argument {name}: TypeError",
                span,
                help="write LoRARequest(lora_name=NAME, lora_int_id=1, lora_path=FOLDER)",
            )
    number = _get_number(use)
    if isinstance(number, str):
        yield Hit(
            f"the second argument of LoRARequest is a number, and here it is {number!r}: TypeError",
            span,
            help="write LoRARequest(NAME, 1, FOLDER), a number of its own for each adapter",
        )
    maker = find_source_call(script, _get_folder(use))
    if maker is not None and maker.name.startswith("pathlib") and maker.last in _PATHS:
        yield Hit(
            "lora_path is a Path, which vLLM does not take: AttributeError (startswith), or the "
            "request cannot be sent to the engine",
            span,
            help="write str(PATH)",
        )


def _build_hit_of_path(document: Document, use: Use) -> Hit:
    """A note where the file's release of vLLM is not known: older ones take the argument."""
    pinned = is_pinned_within("vllm", document, ">=0.16")
    return Hit(
        "LoRARequest has no argument lora_local_path since 0.16: TypeError (0.12 and older warn "
        "that it is deprecated)",
        get_call_span(document, use),
        severity=None if pinned else "note",
        help="write lora_path",
    )


def _get_folder(use: Use) -> Operand | None:
    return use.arguments.get("lora_path", use.arguments.get(2))


def _check_unused(document: Document, use: Use) -> Iterator[Hit]:
    """A request in a variable that stands nowhere else."""
    names = use.variables or ()
    if len(names) != 1 or not names[0].isidentifier():
        return
    if len(re.findall(rf"\b{re.escape(names[0])}\b", document.text)) == 1:
        yield Hit(
            f"the request in `{names[0]}` is given to no call: the base model answers",
            get_call_span(document, use),
            severity="warning",
            help=f"write lora_request={names[0]} in generate() or chat()",
        )


def _check_numbers(document: Document, script: Script, requests: list[Use]) -> Iterator[Hit]:
    """Adapters of one number in a file with one engine, of which the first one stays loaded."""
    engines = [use for name in ENGINES for use in script.by_name.get(name, ())]
    numbered = [use for use in requests if type(_get_number(use)) is int]
    if len(engines) != 1 or not numbered or "remove_lora" in document.text:
        return
    from loracheck.documents.python.blocks import read_blocks

    blocks = read_blocks(document.syntax)  # type: ignore[attr-defined]
    seen: dict[object, Use] = {}
    for use in numbered:
        number, folder = _get_number(use), _get_folder(use)
        first = seen.setdefault(number, use)
        names = [_get_text(_get_folder(one)).rstrip("/") for one in (first, use)]
        if all(names) and names[0] != names[1] and not _is_one_of(blocks, first, use):
            yield Hit(
                f"the adapters {quote_names(names)} have one number, {number}, by which vLLM knows "
                "what is loaded: the first one answers for both",
                get_call_span(document, use),
                help="give each adapter a number of its own",
                spans=((get_call_span(document, first), "the number's first adapter"),),
            )
        elif _varies(document, blocks, use, folder, engines[0]):
            yield Hit(
                f"each round asks for another adapter by the same number, {number}, by which vLLM "
                "knows what is loaded: the first round's adapter answers in all of them",
                get_call_span(document, use),
                help="give each adapter a number of its own, from enumerate(..., 1)",
            )


def _is_one_of(blocks: Blocks, one: Use, other: Use) -> bool:
    """Whether the file decides between two requests."""
    same = one.variables and one.variables == other.variables and one.scope == other.scope
    return bool(same) or blocks.exclude(one.place.start, other.place.start)


def _varies(
    document: Document, blocks: Blocks, use: Use, folder: Operand | None, engine: Use
) -> bool:
    """Whether the request stands in a loop over its folder, and the engine outside of that."""
    loop = blocks.find_loop(use.place.start)
    if loop is None or folder is None or loop[0] <= engine.place.start < loop[1]:
        return False
    head = _LOOP.match(document.text, loop[0])
    names = re.findall(r"\w+", head[1]) if head is not None else []
    return folder.name in names or folder.path.partition(".")[0].removeprefix("<local>.") in names


def _get_number(use: Use) -> object:
    number = use.arguments.get("lora_int_id", use.arguments.get(1))
    return number.value if number is not None else None


def _get_text(operand: Operand | None) -> str:
    return operand.value if operand is not None and isinstance(operand.value, str) else ""


def _check_places(document: Document, script: Script) -> Iterator[Hit]:
    """A request in the place of another argument of `LLM.generate` or `LLM.chat`."""
    for method, places in _PLACES.items():
        for use in script.by_name.get(method, ()):
            engine = find_source_call(script, use.owner)
            if engine is None or not engine.name.startswith("vllm") or engine.last != "LLM":
                continue
            for place in places:
                given = find_source_call(script, use.arguments.get(place))
                if given is None or given.last != "LoRARequest" or use.fails:
                    continue
                effect = "TypeError" if method == "generate" else "it is taken for use_tqdm"
                yield Hit(
                    f"the request is the {('third', 'fourth')[place - 2]} argument of {method}(), "
                    f"which is no lora_request: {effect}",
                    get_call_span(document, use),
                    help="write lora_request= before it",
                )
