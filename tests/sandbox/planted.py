"""A repository of a stranger whose every file is a trap: what imports or runs one says so."""

from __future__ import annotations

import json
import sys
from pathlib import Path

MODULES = """
venv click json yaml torch transformers numpy pip sitecustomize usercustomize tomllib tomli pickle
ast subprocess tempfile multiprocessing pydantic rich textual huggingface_hub tokenizers peft wheel
setuptools hatchling pre_commit colorsys evil _evil
"""
"""What is installed, what might be, what Python looks for by itself; half are folders."""

FILES = {
    "adapter_config.json": {
        "peft_type": "LORA",
        "base_model_name_or_path": "model",
        "r": 8,
        "target_modules": ["q_proj"],
    },
    "configs/adapter_config.json": {
        "peft_type": "LORA",
        "base_model_name_or_path": "Qwen/Qwen2.5-7B",
        "r": "8",
        "target_modules": ["q_proj"],
    },
    "model/config.json": {
        "model_type": "upernet",
        "architectures": ["UperNetForSemanticSegmentation"],
        "backbone": "./evil",
        "backbone_kwargs": {"trust_remote_code": True},
        "use_pretrained_backbone": False,
        "use_timm_backbone": False,
    },
    "small/config.json": {"model_type": "gpt2", "n_layer": 1},
    "evil/config.json": {"model_type": "evil", "auto_map": {"AutoConfig": "evil.EvilConfig"}},
}


def plant(folder: Path, canary: Path) -> None:
    """Fill the folder; every trap appends its name to the file `canary`."""
    for number, name in enumerate(MODULES.split()):
        trap = (
            f"import os\nwith open({str(canary)!r}, 'a') as file:\n"
            f"    file.write({name!r} + ' ' + repr(dict(os.environ)) + '\\n')\n"
            f"raise ImportError({name!r})\n"
        )
        if number % 2:
            (folder / f"{name}.py").write_text(trap)
            continue
        (folder / name).mkdir()
        for inside in ("__init__", "__main__", "evil"):
            (folder / name / f"{inside}.py").write_text(trap)
    line = f"import os; open({str(canary)!r}, 'a').write('pth')\n"
    for name in ("evil.pth", "distutils-precedence.pth"):
        (folder / name).write_text(line)
    for name, content in FILES.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(json.dumps(content))
    (folder / "lora.yaml").write_text(
        "base_model: ./small\nadapter: lora\nlora_r: 8\nlora_target_modules: [c_attn]\n"
    )
    (folder / "train.py").write_text(
        "from peft import LoraConfig\nimport evil\nLoraConfig(r=8, target_modules=['q_proj'])\n"
    )
    (folder / "a.yaml").write_text("lora: {r: 8, target_modules: [q_proj]}\n")
    (folder / "b.yaml").write_text("lora: {r: 16, target_modules: [q_proj]}\n")
    (folder / "style.tcss").write_text("* { display: none; }\n")
    (folder / ".python-version").write_text("../../evil\n")
    (folder / "python").write_text(f"#!/bin/sh\necho python >> {canary}\n")
    (folder / "python").chmod(0o755)


def console_script() -> Path:
    """`loracheck` as it is installed beside this interpreter."""
    name = "loracheck.exe" if sys.platform == "win32" else "loracheck"
    return Path(sys.executable).parent / name
