"""ms-swift's TunerArguments from a file (turned into words as its command does), and
prepare_adapter on a small Llama.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from .answers import ToolRefusalError, build_tiny_llama

PACKAGE = "ms-swift"
FILE = {"model": "a/b", "tuner_type": "lora"}
POOLS: dict[str, list[Any]] = {
    "lora_rank": [1, 64, "16", 8.5],
    "lora_alpha": [1, 64, "32", 12.5],
    "lora_dropout": [0, 0.1, "0.05"],
    "target_modules": [
        "all-linear",
        ["all-linear"],
        "q_proj",
        ["q_proj", "v_proj"],
        ["all-linear", "lm_head"],
        "q_proj,v_proj",
    ],
    "target_regex": [".*\\.q_proj"],
    "modules_to_save": ["lm_head", ["embed_tokens", "lm_head"]],
    "lora_bias": ["none", "all"],
    "use_rslora": [True, False, "true", "yes"],
    "use_dora": [True, False],
    "init_weights": [True, "false", "gaussian", "pissa_niter_4"],
    "task_type": ["causal_lm", "seq_cls", "embedding", "reranker", "generative_reranker"],
    "freeze_vit": [True],
}
MORE: list[dict[str, Any]] = [{"lora_r": 8}, {"lora_rnak": 8}, {"lora_rank": "eight"}]


class _ConfigMade(Exception):  # noqa: N818
    """Carries the LoraConfig out of the tool."""


def answer(file: dict[str, Any]) -> Any:
    """The LoraConfig that ms-swift makes of a file."""
    from swift.arguments.tuner_args import TunerArguments
    from swift.pipelines.train import tuner
    from swift.utils import parse_args

    @dataclass
    class Arguments(TunerArguments):  # type: ignore[misc]
        """Those of SftArguments that prepare_adapter looks at."""

        model: str = ""
        tuner_type: str = "lora"
        tuner_backend: str = "peft"
        task_type: str = "causal_lm"
        use_swift_lora: bool = False

        @property
        def model_meta(self) -> Any:
            return SimpleNamespace(is_multimodal=False, model_arch=None)

    words: list[str] = []
    for key, value in file.items():  # as swift.cli.main.parse_yaml_args
        words += [f"--{key}", *map(str, value if isinstance(value, list) else [value])]
    try:
        found, rest = parse_args(Arguments, words)
    except (SystemExit, ValueError) as error:
        raise ToolRefusalError(f"{type(error).__name__}: {error}") from error
    if rest:
        raise ToolRefusalError(f"remaining_argv: {rest}")

    def stop(model: Any, config: Any) -> None:
        raise _ConfigMade(config)

    tuner.Swift.prepare_model = stop
    model = build_tiny_llama()
    model.model_meta = found.model_meta
    try:
        tuner.prepare_adapter(found, model)
    except _ConfigMade as made:
        return made.args[0]
    raise AssertionError("ms-swift made no LoraConfig")
