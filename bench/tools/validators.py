"""What the installed tools' own validators say of a file: None, or the words of the refusal."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


class NotInstalledError(Exception):
    """What a tool needs for a file is not installed, so that it says nothing of it."""


def ask_axolotl(file: dict[str, Any]) -> str | None:
    """The schema that `axolotl train` holds a file against, on a machine with two H100."""
    import torch
    from axolotl.utils.schemas.config import AxolotlConfigWCapabilities
    from pydantic import ValidationError

    machine = {"bf16": True, "fp8": True, "n_gpu": 2, "n_node": 1, "compute_capability": "sm_90"}
    version = str(torch.__version__).partition("+")[0]
    try:
        AxolotlConfigWCapabilities(
            **file, capabilities=machine, env_capabilities={"torch_version": version}
        )
    except ValidationError as error:
        return " / ".join(one["msg"] for one in error.errors())
    return None


def ask_llamafactory(file: dict[str, Any]) -> str | None:
    """`llamafactory-cli train` up to where it has its arguments."""
    os.environ["DISABLE_VERSION_CHECK"] = "1"
    from llamafactory.hparams.parser import get_train_args

    try:
        get_train_args(file)
    except (ValueError, AssertionError, AttributeError) as error:
        return str(error)
    except ImportError as error:  # a package of an optimizer, after the arguments were checked
        print("  not installed:", error)
    return None


def ask_trl(file: dict[str, Any]) -> str | None:
    """TRL's ModelConfig; what the trainers refuse is not asked."""
    from trl.trainer.model_config import ModelConfig

    try:
        ModelConfig(**file)
    except (ValueError, TypeError) as error:
        return str(error)
    return None


def ask_torchtune(file: dict[str, Any]) -> str | None:
    """The model builder, on the meta device; what the recipes refuse is not asked."""
    from torchtune.config._errors import InstantiationError

    from .answers import ToolRefusalError
    from .torchtune import answer

    try:
        answer(file)
    except ToolRefusalError as error:
        return str(error)
    except InstantiationError as error:
        raise NotInstalledError(str(error)) from error
    return None


def ask_oumi(file: dict[str, Any]) -> str | None:
    """`TrainingConfig`, as `oumi train` reads it; what the run refuses later is not asked."""
    import yaml
    from omegaconf.errors import OmegaConfBaseException
    from oumi.core.configs import TrainingConfig
    from oumi.exceptions import OumiConfigError

    try:
        TrainingConfig.from_str(yaml.safe_dump(file))
    except (OumiConfigError, OmegaConfBaseException, ValueError) as error:
        return str(error)
    return None


def ask_ms_swift(file: dict[str, Any]) -> str | None:
    """The arguments of `swift sft` or `swift rlhf` with a small Llama, and the quantisation that
    they ask for; what Megatron and the trainers refuse is not asked.
    """
    from swift.arguments import RLHFArguments, SftArguments

    kind = RLHFArguments if "rlhf_type" in file else SftArguments
    try:
        arguments = kind(**{**file, **_save_tiny_llama()})
        arguments.get_quantization_config()
    except (ValueError, AssertionError, TypeError) as error:
        return str(error)
    except ImportError as error:  # the package of a way to quantise, after the arguments
        print("  not installed:", error)
    return None


def _save_tiny_llama() -> dict[str, Any]:
    """The arguments for a model in a folder of its own, without weights."""
    from tempfile import mkdtemp

    from transformers import LlamaConfig

    folder = mkdtemp()
    LlamaConfig(num_hidden_layers=2, architectures=["LlamaForCausalLM"]).save_pretrained(folder)
    return {"model": folder, "model_type": "llama", "template": "llama3", "output_dir": folder}


def ask_litgpt(file: dict[str, Any]) -> str | None:
    """`litgpt finetune_lora` up to where it starts the devices, and what it says of the optimizer
    for weights in 4 or 8 bits.
    """
    from litgpt.args import EvalArgs, TrainArgs
    from litgpt.finetune.lora import validate_args
    from litgpt.utils import instantiate_bnb_optimizer

    try:
        validate_args(
            TrainArgs(**{"epochs": 5, **file.get("train", {})}), EvalArgs(max_new_tokens=100)
        )
        if str(file.get("quantize", "")).startswith("bnb.") and "optimizer" in file:
            instantiate_bnb_optimizer(file["optimizer"], [])
    except ValueError as error:
        return str(error)
    except ImportError as error:
        print("  not installed:", error)
    return None


def ask_autotrain(file: dict[str, Any]) -> str | None:
    """The command line of `autotrain llm`, with the file's keys as its options."""
    import argparse
    import io
    from contextlib import redirect_stderr

    from autotrain.cli.run_llm import RunAutoTrainLLMCommand

    parser = argparse.ArgumentParser("autotrain")
    RunAutoTrainLLMCommand.register_subcommand(parser.add_subparsers())
    words = [word for key, value in file.items() for word in _build_option(key, value)]
    said = io.StringIO()
    try:
        with redirect_stderr(said):
            parser.parse_args(["llm", "--train", *words])
    except SystemExit:
        return said.getvalue().strip().rpartition("\n")[2]
    return None


def _build_option(key: str, value: Any) -> list[str]:
    return [f"--{key}"] if value is True else [f"--{key}", str(value)]


ASKED: dict[str, Callable[[dict[str, Any]], str | None]] = {
    "axolotl": ask_axolotl,
    "llamafactory": ask_llamafactory,
    "trl": ask_trl,
    "torchtune": ask_torchtune,
    "oumi": ask_oumi,
    "ms-swift": ask_ms_swift,
    "litgpt": ask_litgpt,
    "autotrain": ask_autotrain,
}
"""The tools whose validators are asked."""
