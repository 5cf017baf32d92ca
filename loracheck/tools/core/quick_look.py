"""Whether the bytes of a file may hold a LoRA setting: a look that costs a hundredth of parsing,
for the many files of a search that have nothing to do with LoRA.

Each file that some tool's module finds a setting in says `lora` or `peft`, one of the tools' own
words (`Tool.words`), `target_modules` or `target_parameters`, or has a key `r`; or it has another
field of LoraConfig beside a misspelt one of these. A test asks all cases. Not seen is a file that
names LoRA nowhere and whose every key about it is misspelt.
"""

from __future__ import annotations

from functools import cache

from loracheck.lazy_pattern import compile_when_used
from loracheck.named_tuple import NamedTuple

from .setting_words import FIELDS, WORDS

CODE = frozenset({".py", ".sh", ".bash", ".zsh", ".slurm", ".sbatch"})
"""Suffixes of the files that are read for `lora` and `peft` alone: the names of PEFT's classes and
the options of the tools' programs; and for the trainer of a quantised model, which needs an
adapter.
"""

_EVERYWHERE = (b"lora", b"peft")
_CODE_WORDS = (
    *(*_EVERYWHERE, b"network_module", b"merge_and_unload", b"load_adapter(", b"mlx_"),
    b"adapter_model",  # the weights that PEFT saves
)
_SHELL = CODE - {".py"}
_COMMANDS = (
    *(b"llamafactory-cli", b"adapter_name_or_path", b"swift sft", b"swift rlhf", b"swift pt"),
    *(b"swift export", b"swift infer", b"swift deploy"),
    *(b"mergekit-yaml", b"vllm serve", b"sglang.launch_server", b"lmdeploy serve"),
    *(b"convert_hf_to_gguf", b"convert-hf-to-gguf", b"ct2-transformers-converter"),
)
"""Programs that train LoRA where no option says otherwise, that take the file of a training, and an
option for adapters, or that take the folder of a model, in which an adapter may lie.
"""
_BIT_OPTIONS = (b"load_in_", b"load-in-", b"quantization", b"quant_bits")
_TRAINERS = (
    b"openrlhf",
    b"train_ppo_ray",
    b"llamafactory",
    b"swift",
    b"autotrain",
    b"trl",
    b"examples/scripts",
)
"""Programs that train, and quantise by these options: without an adapter nothing comes of it."""

UTF16 = (b"\xff\xfe", b"\xfe\xff")
"""How a text in UTF-16 begins."""

_ESCAPED = compile_when_used(rb"\\u00[2-7]|\\x[2-7]|\\\r?\n")
"""A plain letter written as an escape, or a string that goes on in the next line: a word may stand
there that these bytes do not show.
"""

_RANK_IN_CELLS = (b'"r:', b'"r=', b"'r'", b'"r\\"')
"""How the key `r` is written in a notebook, whose cells are strings of JSON; blanks left out."""

_LIKE_TARGETS = (b"target", b"module", b"alpha", b"param")
"""Halves of the names of which a setting has one; with one slip of the pen one half is whole."""

_JOINED = bytes(range(256)).lower().translate(bytes.maketrans(b"\r{,", b"\n\n\n"))
"""To small letters, and to one sign for all that may stand before a key."""
_BLANKS = b"_- \t"
"""What joins the words of a name: target_modules, target-modules, targetModules."""
_QUOTES = b"\"'"

_KEPT = b"bdfgkmprtuvwy48[:\n"
"""Letters that tell the words apart, and what stands around a key `r`. A text that holds a word
holds these letters of it as they follow each other; of a text they are a third, which is made in
one step and searched so much faster.
"""
_DROPPED = bytes(set(range(256)) - {*_KEPT, *_KEPT.upper(), *b"\r{,"})


def _thin_out(text: bytes) -> bytes:
    return text.translate(_JOINED, _DROPPED)


def _thin_words(words: tuple[bytes, ...]) -> tuple[bytes, ...]:
    """What is left of words, without those that hold another one."""
    thin = {_thin_out(word) for word in words}
    return tuple(sorted(w for w in thin if not any(o in w for o in thin if o != w)))


class _Gate(NamedTuple):
    """What several words have in common, and what is left of these."""

    sign: bytes
    words: tuple[bytes, ...]
    fields: tuple[bytes, ...]


class _ThinWords(NamedTuple):
    """What is left of the words; worked out for a run that searches, which others do not."""

    peft: bytes
    gates: tuple[_Gate, ...]
    """All words, and some of the fields."""

    targets: tuple[bytes, ...]
    """Of `alpha` too little is left."""

    later_gates: tuple[_Gate, ...]
    """More of the fields."""

    fields: tuple[bytes, ...]
    """The other fields."""


GATES = (b"typ", b"trg", b"twrk", b"bt", b"[dptr", b"mbkb")
"""What the words have in common."""
RANK = b"\nr:"
"""A key `r`."""


@cache
def get_thin_words() -> _ThinWords:
    """What is left of the words that are looked for."""
    words = _thin_words(WORDS)
    fields = [f for f in _thin_words(FIELDS) if not any(word in f for word in words)]
    gates, later = (
        tuple(
            _Gate(
                sign,
                tuple(word for word in words if sign in word),
                tuple(field for field in fields if sign in field),
            )
            for sign in signs
        )
        for signs in (GATES, map(_thin_out, (b"config", b"modules", b"pattern")))
    )
    signs = [gate.sign for gate in gates + later]
    return _ThinWords(
        _thin_out(b"peft"),
        gates,
        _thin_words((b"target", b"module", b"param")),
        later,
        tuple(field for field in fields if not any(sign in field for sign in signs)),
    )


MODELFILE = ".modelfile"
"""Files of Ollama, which name an adapter by ADAPTER."""

_DATA = frozenset({".json", ".yaml", ".yml"})

KINDS = {".py": ".py", **dict.fromkeys(_SHELL, ".sh"), **dict.fromkeys(_DATA, ".json")}
"""Suffix -> one for all that are looked at alike; of each other one there is no like. The joined
contents of such files may set LoRA up where one of them may, unless one is UTF-16.
"""


def may_set_lora(data: bytes, suffix: str) -> bool:
    """Whether a file of that suffix (in lower case) may hold a setting, or a key of LoRA that is
    worth a word where the file cannot be read.
    """
    if data.startswith(UTF16):
        data = strip_utf16_nulls(data)
    if suffix in CODE:
        low = data.lower()
        if _has(low, _CODE_WORDS) or (low.find(b"load_in_") >= 0 and b"trainer(" in low):
            return True
        if suffix not in _SHELL:
            return False
        return _has(low, _COMMANDS) or (_has(low, _BIT_OPTIONS) and _has(low, _TRAINERS))
    if suffix == MODELFILE:
        return data.lower().find(b"adapter") >= 0
    if suffix in _DATA:
        if _quantizes_alone(data):
            return True
        if not _is_worth_a_closer_look(data):
            return False
    in_cells = suffix == ".ipynb"
    if in_cells and b"load_in_" in data and b"Trainer(" in data:
        return True  # a model in few bits that is trained
    words = b"\n" + data.translate(_JOINED, _BLANKS if in_cells else _BLANKS + _QUOTES)
    if _has(words, _EVERYWHERE) or _has_rank(words, suffix) or _has(words, WORDS):
        return True
    if data.find(b"\\") >= 0 and _ESCAPED.search(data.lower()):
        return True
    return _has(words, _LIKE_TARGETS) and _has(words, FIELDS)


def _quantizes_alone(data: bytes) -> bool:
    """Whether YAML that says nothing of an adapter trains a language model, and asks for bits."""
    return data.find(b"task: llm") >= 0 and data.find(b"quantization:") >= 0


def _is_worth_a_closer_look(data: bytes) -> bool:
    """Whether JSON or YAML may have what `may_set_lora` looks for: a third of its cost."""
    low = data.lower()
    if low.find(b"lora") >= 0:
        return True
    words = get_thin_words()
    thin = b"\n" + data.translate(_JOINED, _DROPPED)
    find, field = thin.find, False
    if find(RANK) >= 0:
        return True
    for gate in words.gates:
        if find(gate.sign) >= 0:
            if _has(thin, gate.words):
                return True
            field = field or _has(thin, gate.fields)
    if find(words.peft) >= 0 and low.find(b"peft") >= 0:
        return True
    if data.find(b"\\") >= 0 and _ESCAPED.search(low):
        return True
    if low.find(b"alpha") < 0 and not _has(thin, words.targets):
        return False
    if field or any(find(gate.sign) >= 0 and _has(thin, gate.fields) for gate in words.later_gates):
        return True
    return _has(thin, words.fields)


def _has_rank(words: bytes, suffix: str) -> bool:
    if suffix == ".ipynb":
        return _has(words, _RANK_IN_CELLS)
    return words.find(b"\nr=" if suffix == ".toml" else b"\nr:") >= 0


def _has(data: bytes, words: tuple[bytes, ...]) -> bool:
    """Whether the bytes hold one of the words. The time of a large repository goes here: `in` first
    takes the word for a number, and has an error made and dropped for each (CPython 3.11,
    `_Py_bytes_contains`), which was a quarter of all instructions.
    """
    find = data.find
    for word in words:  # noqa: SIM110 - a generator costs as much again
        if find(word) >= 0:
            return True
    return False


def strip_utf16_nulls(data: bytes) -> bytes:
    """The bytes as UTF-8 would have them, for words in ASCII: those of UTF-16 are wider by a null
    each.
    """
    return data.replace(b"\0", b"") if data.startswith(UTF16) else data
