"""A merge that is started as a training is told; everything else that `train` is given is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from loracheck.documents.formats import parse_as
from loracheck.tools.llamafactory_merge import find_merges_by_train

MERGE = "model_name_or_path: a/b\nadapter_name_or_path: s\nfinetuning_type: lora\nexport_dir: m\n"


@pytest.mark.parametrize(
    ("command", "file", "told"),
    [
        ("llamafactory-cli train a.yaml", MERGE, ["a.yaml"]),
        ("FORCE_TORCHRUN=1 llamafactory-cli train ./a.yaml", MERGE, ["./a.yaml"]),
        ("llamafactory-cli export a.yaml", MERGE, []),
        ("llamafactory-cli train b.yaml", MERGE, []),
        ("llamafactory-cli train $FILE", MERGE, []),
        ("llamafactory-cli train a.yaml do_train=true", MERGE, []),
        ("llamafactory-cli train a.yaml", MERGE + "do_train: true\ndataset: d\n", []),
        ("llamafactory-cli train a.yaml", MERGE + "do_predict: true\n", []),
        ("llamafactory-cli train a.yaml", MERGE.replace("export_dir", "output_dir"), []),
        ("llamafactory-cli train a.yaml", "a: [", []),
        ("llamafactory-cli train ../a.yaml", MERGE, []),
    ],
)
def test_only_a_merge_is_told(command: str, file: str, told: list[str], tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "a.yaml").write_text(file, "utf-8")
    script = parse_as(".sh", str(tmp_path / "lora.sh"), command + "\n")
    assert [one.file for one in find_merges_by_train(script)] == told
