"""What a training step keeps for its backward pass, as torch's saved-tensor hooks see it.

Every tensor that autograd saves is counted once by its storage, from the moment it is saved until
it is let go of; parameters and buffers are left out. The peak of that sum over forward and backward
is the measured figure with gradient checkpointing, where the layers are worked out again.
"""

from __future__ import annotations

import weakref
from contextlib import nullcontext
from typing import Any, NamedTuple

import torch


class Measured(NamedTuple):
    """In bytes."""

    saved: int
    """Saved when the forward pass is done."""

    peak: int
    """The most that was saved at any time."""


class _Kept:
    """One saved tensor, as the graph holds it."""

    def __init__(self, tensor: torch.Tensor) -> None:
        self.tensor = tensor


class Account:
    """The bytes of all storages that are saved now."""

    def __init__(self, model: torch.nn.Module) -> None:
        self.left_out = {p.untyped_storage().data_ptr() for p in model.parameters()}
        self.left_out |= {b.untyped_storage().data_ptr() for b in model.buffers()}
        self.held: dict[int, list[int]] = {}
        self.now = self.peak = 0

    def pack(self, tensor: torch.Tensor) -> _Kept:
        kept = _Kept(tensor)
        storage = tensor.untyped_storage()
        place = storage.data_ptr()
        if place not in self.left_out and storage.nbytes():
            entry = self.held.setdefault(place, [0, storage.nbytes()])
            entry[0] += 1
            if entry[0] == 1:
                self.now += entry[1]
                self.peak = max(self.peak, self.now)
            weakref.finalize(kept, self.release, place)
        return kept

    def release(self, place: int) -> None:
        entry = self.held[place]
        entry[0] -= 1
        if not entry[0]:
            self.now -= entry[1]
            del self.held[place]

    @staticmethod
    def unpack(kept: _Kept) -> torch.Tensor:
        return kept.tensor


def drop_as_a_gpu_does(
    tensor: torch.Tensor, p: float = 0.5, training: bool = True, inplace: bool = False
) -> torch.Tensor:
    """`torch.nn.functional.dropout` with a mask of one byte for each element, as on a GPU; the
    processor's own keeps one as wide as the tensor.
    """
    return torch.native_dropout(tensor, p, training)[0] if training and p else tensor


def measure(model: Any, inputs: dict[str, Any], autocast: bool) -> Measured:
    """One training step of a model on the processor."""
    account = Account(model)
    mode: Any = torch.autocast("cpu", torch.bfloat16) if autocast else nullcontext()
    hooks = torch.autograd.graph.saved_tensors_hooks(account.pack, account.unpack)
    own = torch.nn.functional.dropout
    torch.nn.functional.dropout = drop_as_a_gpu_does
    try:
        with hooks:
            with mode:
                loss = model(**inputs).loss
            saved = account.now
            loss.backward()
    finally:
        torch.nn.functional.dropout = own
    return Measured(saved, account.peak)
