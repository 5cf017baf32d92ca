"""The tensors that LyCORIS saves, by algorithm, from LyCORIS itself: `lycoris.json`.

`python -m bench.lora_files.lycoris SD_SCRIPTS MUSUBI_TUNER`, over clones of both trainers, with
lycoris-lora, einops and toml installed, writes it anew. The networks are made by `create_network`
of `lycoris.kohya` on the trainers' models without weights; the modules of one block are kept.
"""

from __future__ import annotations

import json
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

from . import tools
from .tools import NETWORKS

FILE = Path(__file__).parent / "lycoris.json"
RUNS: dict[str, tuple[str, dict[str, Any]]] = {
    "locon": ("sd15", {"algo": "locon", "preset": "attn-mlp"}),
    "locon on convolutions": ("sdxl", {"algo": "locon", "conv_dim": 4, "conv_alpha": 1}),
    "tucker": ("sdxl", {"algo": "locon", "conv_dim": 4, "conv_alpha": 1, "use_tucker": "True"}),
    "loha": ("sd15", {"algo": "loha", "preset": "attn-mlp"}),
    "loha on convolutions": ("sdxl", {"algo": "loha", "conv_dim": 4, "conv_alpha": 1}),
    "lokr": ("sd15", {"algo": "lokr", "preset": "attn-mlp", "factor": 8}),
    "lokr on convolutions": ("sdxl", {"algo": "lokr", "conv_dim": 4, "conv_alpha": 1, "factor": 8}),
    "lokr of Flux": ("flux", {"algo": "lokr", "factor": 8}),
    "glora": ("sd15", {"algo": "glora", "preset": "attn-mlp"}),
    "ia3": ("sd15", {"algo": "ia3", "preset": "attn-mlp"}),
    "diag-oft": ("sd15", {"algo": "diag-oft", "preset": "attn-mlp"}),
    "norms": ("sd15", {"algo": "locon", "preset": "attn-mlp", "train_norm": "True"}),
}
"""Title -> (a name of `tools.NETWORKS`, network_args). LyCORIS 4.1.3 with its preset `full` stops
at sd-scripts' UNet of Stable Diffusion 1.5 ("duplicated lora name").
"""
KEPT = ("_1_attentions_0_", "input_blocks_4_", "double_blocks_0_")
"""Parts of the names of the modules that are kept."""


def read_tensors(model: str, options: dict[str, Any]) -> dict[str, list[int]]:
    """Name -> shape of each tensor of the network's state."""
    torch: Any = import_module("torch")
    with torch.device("meta"):
        unet = NETWORKS[model][2]()
    create = import_module("lycoris.kohya").create_network
    network = create(1.0, 4, 1, None, [], unet, **{key: str(options[key]) for key in options})
    network.apply_to([], unet, False, True)
    state = network.state_dict()
    return {name: list(state[name].shape) for name in state if any(part in name for part in KEPT)}


def main() -> None:
    """Write `lycoris.json`."""
    sys.path[:0] = [sys.argv[1], str(Path(sys.argv[2]) / "src")]
    tools.hide_absent_packages()
    found = {}
    for title, (model, options) in RUNS.items():
        tensors = read_tensors(model, options)
        found[title] = {"model": NETWORKS[model][0], "tensors": tensors}
    rows = ",\n".join(f" {json.dumps(name)}: {json.dumps(data)}" for name, data in found.items())
    FILE.write_text(f"{{\n{rows}\n}}\n", "utf-8")


if __name__ == "__main__":
    main()
