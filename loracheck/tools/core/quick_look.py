"""Whether the bytes of a file may hold a LoRA setting: a look that costs a hundredth of parsing,
for the many files of a search that have nothing to do with LoRA.

Each file that some tool's module finds a setting in says `lora` or `peft`, one of the tools' own
words (`Tool.words`), `target_modules` or `target_parameters`, or has a key `r`; or it has another
field of LoraConfig beside a misspelt one of these. A test asks all cases. Not seen is a file that
names LoRA nowhere and whose every key about it is misspelt.
"""

from __future__ import annotations

import re

from .setting_words import FIELDS, WORDS

CODE = frozenset({".py", ".sh", ".bash", ".zsh", ".slurm", ".sbatch"})
"""Suffixes of the files that are read for `lora` and `peft` alone: the names of PEFT's classes and
the options of the tools' programs.
"""

_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_ESCAPED = re.compile(rb"\\u00[2-7]|\\x[2-7]|\\\r?\n")
"""A plain letter written as an escape, or a string that goes on in the next line: a word may stand
there that these bytes do not show.
"""

_RANK = {
    ".json": (b'"r"',),
    ".ipynb": (b'"r:', b'"r=', b"'r'", b'"r\\"'),
    ".toml": (b"\nr=", b"{r=", b",r=", b'"r"', b"'r'"),
}
_RANK_IN_YAML = (b"\nr:", b"{r:", b",r:", b'"r"', b"'r'")
"""How the key `r` is written, blanks left out."""

_LIKE_TARGETS = (b"target", b"module", b"alpha", b"param")
"""Halves of the names of which a setting has one; with one slip of the pen one half is whole."""

_LINE_ENDS = bytes.maketrans(b"\r", b"\n")


_KEPT = b"bdfgkmptuvwy48["
"""Letters that are rare, and yet tell the words apart. A text that holds a word holds its rare
letters as they follow each other; of a text they are a fifth, which is searched so much faster.
"""

_DROPPED = bytes(range(256)).translate(None, _KEPT)
_THIN_WORDS = tuple({word.translate(None, _DROPPED) for word in WORDS})
_SHORT_FIELDS = tuple(word for word in FIELDS if len(word.translate(None, _DROPPED)) < 3)
_THIN_FIELDS = tuple(
    {word.translate(None, _DROPPED) for word in FIELDS if word not in _SHORT_FIELDS}
)


def may_set_lora(data: bytes, suffix: str) -> bool:
    """Whether a file of that suffix (in lower case) may hold a setting, or a key of LoRA that is
    worth a word where the file cannot be read.
    """
    low = strip_utf16_nulls(data).lower()
    if b"lora" in low or b"peft" in low:
        return True
    if suffix in CODE:
        return b"network_module" in low
    if b"\\" in low and _ESCAPED.search(low):
        return True
    # The words of a name are joined in every way: target_modules, target-modules, targetModules.
    joined = b"\n" + low.translate(_LINE_ENDS, b"_- \t")
    if _has(joined, _RANK.get(suffix, _RANK_IN_YAML)):
        return True
    thin = joined.translate(None, _DROPPED)
    if _has(thin, _THIN_WORDS) and _has(joined, WORDS):
        return True
    return (
        _has(joined, _LIKE_TARGETS)
        and (_has(thin, _THIN_FIELDS) or _has(joined, _SHORT_FIELDS))
        and _has(joined, FIELDS)
    )


def _has(data: bytes, words: tuple[bytes, ...]) -> bool:
    for word in words:  # noqa: SIM110 - the time of a large repository goes here
        if word in data:
            return True
    return False


def strip_utf16_nulls(data: bytes) -> bytes:
    """The bytes as UTF-8 would have them, for words in ASCII: those of UTF-16 are wider by a null
    each.
    """
    return data.replace(b"\0", b"") if data.startswith(_UTF16) else data
