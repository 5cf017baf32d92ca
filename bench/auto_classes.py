"""What transformers' auto classes load: model types and their classes, over many releases.

    python -m bench.auto_classes FOLDER

FOLDER has wheels of transformers (`pip download --no-deps transformers==4.57.6`). Their file
`models/auto/modeling_auto.py` is parsed, never run. A model type counts for an auto class where any
of the releases has it, so that what is missing is missing in all of them.
"""

from __future__ import annotations

import ast
import json
import sys
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from zipfile import ZipFile

from loracheck.trees.auto_classes import PATH, PREFIX

FILE = "transformers/models/auto/modeling_auto.py"

Names = dict[str, list[tuple[str, object]]]


def main() -> None:
    """Write the table."""
    (folder,) = (Path(argument) for argument in sys.argv[1:])
    table: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    releases = []
    for wheel in sorted(folder.glob("transformers-*.whl")):
        releases.append(wheel.name.split("-")[1])
        with ZipFile(wheel) as archive:
            tree = ast.parse(archive.read(FILE))
        names = read_names(tree)
        for auto, mapping in read_auto_classes(tree).items():
            for kind, classes in names[mapping]:
                several = classes if isinstance(classes, (list, tuple)) else (classes,)
                table[auto][kind].update(map(str, several))
    rows = {
        auto: {kind: sorted(classes) for kind, classes in sorted(kinds.items())}
        for auto, kinds in sorted(table.items())
    }
    releases.sort(key=lambda release: [int(part) for part in release.split(".")])
    text = format_table(releases, rows)
    Path(PATH).write_text(text, "utf-8")
    print(f"{len(rows)} auto classes, {len(text):,} bytes")


def format_table(releases: list[str], rows: Mapping[str, Mapping[str, list[str]]]) -> str:
    """The table as JSON, an auto class a line."""
    lines = [_write(auto) + ":" + _write(kinds) for auto, kinds in rows.items()]
    return f'{{"releases":{_write(releases)},"classes":{{\n' + ",\n".join(lines) + "\n}}\n"


def _write(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))


def read_names(tree: ast.Module) -> Names:
    """The tables `MODEL_..._MAPPING_NAMES`: model type and class, or classes."""
    found: Names = {}
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            name, value = node.targets[0].id, node.value
            if name.endswith("_NAMES") and isinstance(value, ast.Call) and value.args:
                found[name] = list(read_rows(value.args[0], found))
    return found


def read_rows(rows: ast.expr, before: Names) -> list[tuple[str, object]]:
    """The rows of a list, with those of another table where it takes them over."""
    found: list[tuple[str, object]] = []
    for row in rows.elts if isinstance(rows, ast.List) else []:
        if isinstance(row, ast.Starred):
            others = [part.id for part in ast.walk(row) if isinstance(part, ast.Name)]
            found += [pair for other in others for pair in before.get(other, [])]
        else:
            kind, classes = ast.literal_eval(row)
            found.append((kind, classes))
    return found


def read_auto_classes(tree: ast.Module) -> dict[str, str]:
    """Auto class, without what all their names begin with -> its table."""
    lazy, autos = {}, {}
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
            tables = [one.id for one in node.value.args if isinstance(one, ast.Name)]
            if isinstance(node.targets[0], ast.Name) and len(tables) == 2:
                lazy[node.targets[0].id] = tables[1]
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and node.name.lstrip("_").startswith(PREFIX):
            for line in node.body:
                if isinstance(line, ast.Assign) and isinstance(line.value, ast.Name):
                    auto = node.name.lstrip("_").removeprefix(PREFIX)
                    autos[auto] = lazy[line.value.id]
    return autos


if __name__ == "__main__":
    main()
