"""What pages say of transformers releases, held against the bundled trees.

Every sentence of a rule's page or of the explanations that names a release as one from which, or up
to which, a module has a name is a row here; a test finds those that are none.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import pytest

from loracheck.releases.release_table import find_nearest_release
from loracheck.trees.sources.bundle import find_tree

ROOT = Path(__file__).parents[2]
ROOMS = ("rules", "explain")
RELEASE = re.compile(r"(?<![\d.])(?:4\.(?:49|5\d)|5\.\d+)(?:\.\d+)?(?![\d.])")
CITED = re.compile(
    r"transformers\s+[45]\.\d+\.\d+,?\s+(?:`|integrations/|Train)"
    r"|[Ee]xecuted with transformers [45]\.\d+\.\d+"
)
"""The release in which a rule's source was read or run: no fact about others."""
EXAMPLES = (
    '"4.49.0 to 4.57.6"',
    "With `--transformers 4.57.6`",
    "With `--transformers 5.24.0 --peft 0.21.2`",
    "With `--transformers 5.24.0`:",
    "4.57.6 made a BitsAndBytesConfig of it",  # of an argument, and no name in a tree
    '"5.0.0"',  # likewise
    'GENERATES_UNTIL = "4.52.0"',  # of a method of every model
    "of sixteen releases from 4.30.2 to 5.24.0",
)
"""What a docstring gives as the form of a value, and the option that an example is run with."""
OF_TRAINERS = (
    "rules/fields/lc129_trainer_argument_unknown.py",
    "rules/fields/lc161_checkpoint_quantized_otherwise.py",
    "rules/fields/lc164_peft_too_old_for_transformers.py",
    "rules/fields/lc193_trainer_argument_gone.py",
    "rules/fields/lc197_no_eval_loss.py",
    "rules/support/trainer_arguments.py",
)
"""What is said of the trainers' own code, or of the loading of adapters, read or run in the
releases that it names: no name in a tree.
"""


class Move(NamedTuple):
    """A name that another has taken the place of."""

    file: str
    sentence: str
    model: str
    heads: tuple[str, ...]
    early: str
    late: str
    gone: str
    come: str


MOVES = [
    Move(
        "rules/targets/lc201_target_matches_nothing.py",
        "ViT's `query` of 5.8 is `q_proj` in 5.10",
        *("type:vit", (), "5.8", "5.10", "query", "q_proj"),
    ),
    Move(
        "rules/heads/lc401_saved_matches_nothing.py",
        "`embed_out` of GPT-NeoX in 5.12 is `lm_head` in 5.16",
        *("type:gpt_neox", ("CausalLM",), "5.12", "5.16", "embed_out", "lm_head"),
    ),
]


def last_parts(move: Move, release: str) -> set[str]:
    known = find_nearest_release("transformers", release).release
    tree = find_tree(move.model, move.heads, release=known)
    assert tree is not None
    return {module.name.rpartition(".")[2] for module in tree.modules()}


@pytest.mark.parametrize("move", MOVES, ids=lambda move: move.model)
def test_the_name_moved_between_the_releases_that_the_page_gives(move: Move) -> None:
    page = " ".join((ROOT / "loracheck" / move.file).read_text("utf-8").split())
    assert move.sentence in page
    early, late = last_parts(move, move.early), last_parts(move, move.late)
    assert (move.gone in early, move.come in early) == (True, False)
    assert (move.gone in late, move.come in late) == (False, True)


def test_no_page_names_a_release_that_no_row_holds() -> None:
    held = {move.file: move.sentence for move in MOVES}
    loose = []
    for path in sorted(p for room in ROOMS for p in (ROOT / "loracheck" / room).rglob("*.py")):
        name = path.relative_to(ROOT / "loracheck").as_posix()
        if name in OF_TRAINERS:
            continue
        text = " ".join(path.read_text("utf-8").split()).replace(held.get(name, "\0"), "")
        for part in EXAMPLES:
            text = text.replace(part, "")
        text = re.sub("sentence[-_]transformers", "", text)  # another library, with its own numbers
        text = CITED.sub("", text)
        loose += [
            f"{name}: ...{text[max(0, m.start() - 120) : m.end() + 30]}"
            for m in RELEASE.finditer(text)
            if "transformers" in text[max(0, m.start() - 120) : m.end() + 30]
        ]
    assert not loose
