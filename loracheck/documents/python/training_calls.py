"""Calls that make a trainer's arguments, which say how a script trains: batch, length, optimiser.

Names: transformers 5.24.0 training_args.py and training_args_seq2seq.py; TRL 1.16.0, whose configs
are subclasses of TrainingArguments (trl/trainer/*_config.py, trl/experimental).
"""

from __future__ import annotations

TRL_CONFIGS = frozenset(
    {
        *("SFTConfig", "DPOConfig", "GRPOConfig", "KTOConfig", "ORPOConfig", "CPOConfig"),
        *("RewardConfig", "PRMConfig", "RLOOConfig", "PPOConfig", "BCOConfig", "GKDConfig"),
        *("OnlineDPOConfig", "NashMDConfig", "XPOConfig", "GOLDConfig", "TPOConfig"),
        *("AsyncGRPOConfig", "DistillationConfig", "SDFTConfig", "SDPOConfig"),
    }
)
"""The configs of TRL's trainers."""


def makes_training_arguments(name: str) -> bool:
    """Whether a dotted name is a class of training arguments, as far as its name tells."""
    last = name.rpartition(".")[2]
    return last in TRL_CONFIGS or last.endswith("TrainingArguments")
