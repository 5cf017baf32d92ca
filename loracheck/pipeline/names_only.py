"""What is said of a config whose model is known by the names of its class alone.

A name that no config of the class makes is in no checkpoint of it. Nothing else may rest on such a
tree: not how many modules are reached, nor which of several names the checkpoint has.
"""

from __future__ import annotations

from loracheck.lazy_pattern import compile_when_used
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from loracheck.rules import Hit, Rule, RuleContext

OF_CLASSES = frozenset({"LC411"})
"""Rules that rest on the model's class and on none of its names."""

RULES = OF_CLASSES | {"LC201", "LC202", "LC208", "LC220", "LC230", "LC245", "LC704"}
"""Rules that say which names match nothing, or which PEFT refuses for their class, or rest on what
the id says of the checkpoint.
"""

OF_UNKNOWN_MODELS = frozenset({"LC003", "LC241"})
"""Rules that speak where no model is known."""

_COUNT = compile_when_used(r"\b\d[\d,]* (?:of|module|name)")


_NUMBERED = compile_when_used(r"\.\d+` match")
"""A name that ends with a number (`ff.net.2`): lists within lists are cut short in these trees."""


def select_names_hits(
    context: RuleContext,
    without_model: Iterable[tuple[Rule, Hit]],
    with_names: Iterable[tuple[Rule, Hit]],
) -> Iterator[tuple[Rule, Hit]]:
    """What is true of any model, and what the names tell."""
    yield from (one for one in without_model if one[0].code not in OF_UNKNOWN_MODELS)
    tree = context.tree
    stable = tree is not None and len(tree.partial) == 1
    note = f"held against the names of {tree.cls if tree else None} alone"
    if tree is not None and tree.library == "transformers":
        note += "; --online tells more"
    for rule, hit in with_names:
        if rule.code not in RULES or _COUNT.search(hit.message) or _NUMBERED.search(hit.message):
            continue
        sure = stable and not (hit.help and _COUNT.search(hit.help))
        sure = sure or rule.code in OF_CLASSES
        yield (
            rule,
            hit._replace(
                help=hit.help if sure else None,
                fix=hit.fix if sure else None,
                notes=(note,),
                repeat=hit.repeat and hit.repeat._replace(mend=hit.repeat.mend if sure else None),
            ),
        )
