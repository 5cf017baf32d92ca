"""A model small enough to wrap hundreds of times, and what PEFT does with a config on it."""

from __future__ import annotations

import copy
import warnings
from typing import Any

import torch
from torch import nn

from .values import ERRORS


class Settings(dict[str, Any]):
    """A config that transformers-aware code can ask."""

    model_type = "custom"
    tie_word_embeddings = False
    num_hidden_layers = 2

    def to_dict(self) -> dict[str, Any]:
        return {"model_type": self.model_type, "tie_word_embeddings": False}


class Block(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.q = nn.Linear(8, 8)
        self.v = nn.Linear(8, 8)

    def forward(self, x: Any) -> Any:
        return self.v(self.q(x))


class Body(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.config = Settings()
        self.layers = nn.ModuleList([Block(), Block()])

    def forward(self, x: Any) -> Any:
        for layer in self.layers:
            x = layer(x)
        return x


class Tiny(nn.Module):
    """An embedding, two blocks under `model.layers`, a head."""

    def __init__(self) -> None:
        super().__init__()
        self.config = Settings()
        self.emb = nn.Embedding(10, 8)
        self.model = Body()
        self.head = nn.Linear(8, 8)

    def get_input_embeddings(self) -> Any:
        return self.emb

    def prepare_inputs_for_generation(self, **given: Any) -> Any:
        return given

    def forward(self, input_ids: Any = None, **given: Any) -> Any:
        return self.head(self.model(self.emb(input_ids)))


def wrap_and_run(values: dict[str, Any]) -> Exception | None:
    """What get_peft_model or one training step raises."""
    from peft import LoraConfig, get_peft_model

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        config = LoraConfig(**copy.deepcopy(values))
        torch.manual_seed(0)
        try:
            model = get_peft_model(Tiny(), config)
            model.train()
            out = model.base_model(torch.tensor([[1, 2, 3]]))
            if out.requires_grad:
                out.sum().backward()
        except ERRORS as error:
            return error
    return None
