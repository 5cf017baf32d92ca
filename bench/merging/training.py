"""A tiny model and LoRA that is really trained on it, in the usual way: what is then merged.

The model has Qwen2's layers, biases of q_proj, k_proj and v_proj included, and random weights; it
learns a few lines of random tokens by AdamW with a learning rate of 2e-4, as most recipes have it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import peft
import torch
from transformers import Qwen2Config, Qwen2ForCausalLM

if TYPE_CHECKING:
    from pathlib import Path

RATE = 2e-4
LINES = 8
LENGTH = 16
WORDS = 128
TARGETS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
LORA: dict[str, Any] = {"r": 8, "lora_alpha": 16, "target_modules": TARGETS}


def build_base() -> Any:
    """The base model in 32 bits, the same at every call; its biases are not zero."""
    torch.manual_seed(0)
    sizes = {"hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2}
    heads = {"num_attention_heads": 4, "num_key_value_heads": 4, "vocab_size": WORDS}
    model = Qwen2ForCausalLM(Qwen2Config(**sizes, **heads, tie_word_embeddings=False))
    for name, parameter in model.named_parameters():
        if name.endswith("bias"):
            torch.nn.init.normal_(parameter, std=0.1)
    return model.eval()


def build_text() -> torch.Tensor:
    """The lines that are learnt, as token ids."""
    return torch.randint(0, WORDS, (LINES, LENGTH), generator=torch.Generator().manual_seed(1))


def train(model: Any, steps: int, text: torch.Tensor) -> None:
    """Train what is trainable for so many steps."""
    parameters = [one for one in model.parameters() if one.requires_grad]
    optimiser = torch.optim.AdamW(parameters, lr=RATE)
    model.train()
    for _ in range(steps):
        model(input_ids=text, labels=text).loss.backward()
        optimiser.step()
        optimiser.zero_grad()
    model.eval()


def save_adapter(folder: Path, steps: int) -> None:
    """Train LoRA on the base model and save the adapter to the folder."""
    torch.manual_seed(2)
    model = peft.get_peft_model(build_base(), peft.LoraConfig(**LORA))
    train(model, steps, build_text())
    model.save_pretrained(folder)


def compute_logits(model: Any) -> torch.Tensor:
    """The model's answers to the lines."""
    with torch.no_grad():
        found: torch.Tensor = model(input_ids=build_text()).logits.float()
    return found
