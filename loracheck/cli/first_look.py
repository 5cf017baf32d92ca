"""`look_first`: the files of a search that are to be checked, out of all that it finds."""

from __future__ import annotations

from itertools import islice

from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from loracheck.options.find_files import InputFile

MOST_FILES = 64
"""Files of one look. From 16 on more save next to nothing, where one file in 200 has to do with
LoRA (`python -m bench.monorepo`); the first report waits for so many.
"""


def look_first(
    files: Iterable[InputFile],
    find_related: Callable[[Sequence[InputFile]], set[str]],
    take_unrelated: Callable[[Sequence[InputFile]], object] | None,
    *,
    with_named: bool,
) -> Iterator[InputFile]:
    """The files in their order, without those that have nothing to do with LoRA, which
    `take_unrelated` gets; where it is None they are given too, marked as such. `find_related` gives
    the paths of the others. What was named is looked at only `with_named`.
    """
    files = iter(files)
    while group := list(islice(files, MOST_FILES)):
        seen = [
            file
            for file in group
            if (file.from_search or with_named) and file.reason is None and file.path != "-"
        ]
        unrelated = {file.path for file in seen} - find_related(seen)
        if take_unrelated is None:
            yield from (f._replace(is_unrelated=True) if f.path in unrelated else f for f in group)
            continue
        if len(unrelated) == len(group):
            take_unrelated(group)
            continue
        take_unrelated([file for file in seen if file.path in unrelated])
        yield from (file for file in group if file.path not in unrelated)
