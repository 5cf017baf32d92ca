"""`.pre-commit-hooks.yaml`, made from one table: `python -m loracheck.options.hooks > FILE`.

The pattern is wide: what is no LoRA config is passed over by its content, in microseconds. Left out
are files that are in every repository and never one.
"""

from __future__ import annotations

import re

INCLUDED = {
    r"adapter_config[^/]*\.json": "PEFT's own, and mlx-lm's",
    r"[^/]*\.(ya?ml|toml)": "axolotl, LLaMA-Factory, TRL, torchtune, kohya, ... under any name",
    r"[^/]*\.(py|ipynb)": "LoraConfig(...) calls",
    r"[^/]*\.(sh|bash|zsh|slurm|sbatch)": "command lines, files written by here-documents",
    r"Modelfile(\.[^/]*)?|[^/]*\.[Mm]odelfile": "Ollama's, with ADAPTER",
    r"[^/]*(lora|peft|sft|dpo|grpo|orpo|kto|ppo|train|tun|args|config|recipe)[^/]*\.json": (
        "training arguments as JSON: ms-swift, SimpleTuner, scripts of one's own"
    ),
    r"(.*/)?(lora|peft|configs?|recipes?|experiments?|train(ing)?(_configs|_presets)?|presets"
    r"|finetun(e|ing))/.*\.json": "JSON in a folder of configs",
}
"""Names of files (from the last slash, or with folders) -> why."""

EXCLUDED = {
    r"(.*/)?\.(github|gitlab|circleci|vscode|devcontainer)/.*": "CI and editors",
    r"\.pre-commit-[^/]*\.yaml|\.gitlab-ci\.yml|\.travis\.yml|mkdocs\.ya?ml": "tools' own",
    r"(docker-)?compose[^/]*\.ya?ml|Chart\.yaml|values\.yaml": "containers",
    r"pyproject\.toml|loracheck\.toml|Cargo\.toml|environment\.ya?ml": "packages",
    r"(package|package-lock|tsconfig[^/]*|jsconfig|babel\.config|\.eslintrc)\.json": "JavaScript",
    r"(tokenizer|tokenizer_config|generation_config|preprocessor_config|processor_config)\.json": (
        "beside a checkpoint's weights"
    ),
}
"""The same for files that are never a LoRA config."""

HOOKS = {
    "loracheck": ("loracheck", "Lint LoRA configs against PEFT and the model's module tree.", ""),
    "loracheck-strict": (
        "loracheck (strict)",
        "As loracheck; fails too where a config could not be held against a model.",
        " --strict",
    ),
}
"""Id -> name, description, further options."""


def build_joined_pattern(table: dict[str, str]) -> str:
    """One regular expression for `re.search` on a path with slashes, which may hold line ends."""
    return "(?s)^(" + "|".join(_allow_any_folder(name) for name in table) + ")$"


def _allow_any_folder(name: str) -> str:
    """A file's name in any folder; a pattern that names folders itself stands as it is."""
    return name if name.startswith("(.*/)?") else rf"(.*/)?({name})"


def is_checked_by_hook(path: str) -> bool:
    """Whether pre-commit gives the path to the hooks (its `files` and `exclude`)."""
    included, excluded = build_joined_pattern(INCLUDED), build_joined_pattern(EXCLUDED)
    return bool(re.search(included, path)) and not re.search(excluded, path)


def render() -> str:
    """The hooks file."""
    lines = ["# Made by `python -m loracheck.options.hooks`; a test keeps it current."]
    for key, (name, description, options) in HOOKS.items():
        lines += [
            f"- id: {key}",
            f"  name: {name}",
            f"  description: {description}",
            f"  entry: loracheck check --skip-unrelated{options}",
            "  language: python",
            f"  files: '{build_joined_pattern(INCLUDED)}'",
            f"  exclude: '{build_joined_pattern(EXCLUDED)}'",
            "  types: [file]",
            "  require_serial: true",  # one run has one summary, and shares out its files itself
            "  minimum_pre_commit_version: 3.2.0",
        ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(render(), end="")  # noqa: T201
