"""`python -m bench.files.hydra`: writes into `tests/documents/composed.json` what hydra composes of
the configurations there. It needs hydra-core (1.3.8), whose `compose` is asked.

The file has for each case the files by name, the first one (`primary`) and what hydra composes
(`values`).
"""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

FILE = Path(__file__).parents[2] / "tests" / "documents" / "composed.json"


def compose(files: dict[str, str], primary: str) -> dict[str, Any]:
    """What hydra composes of the files, interpolations resolved."""
    import hydra
    from hydra.core.global_hydra import GlobalHydra
    from omegaconf import OmegaConf

    with TemporaryDirectory() as folder:
        for name, text in files.items():
            path = Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
        root = Path(folder, primary).parent
        GlobalHydra.instance().clear()
        with hydra.initialize_config_dir(str(root), version_base="1.3"):
            config = hydra.compose(Path(primary).stem)
        found: Any = OmegaConf.to_container(config, resolve=True)
        return dict(found)


def main() -> None:
    """Compose every case anew."""
    cases = json.loads(FILE.read_text("utf-8"))
    for case in cases:
        case["values"] = compose(case["files"], case["primary"])
    FILE.write_text(json.dumps(cases, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
