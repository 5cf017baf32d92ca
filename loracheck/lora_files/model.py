"""The types of this room: `LoraFile` and the modules in it."""

from __future__ import annotations

from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

from .sides import find_sides

if TYPE_CHECKING:
    from loracheck.trees.safetensors import Tensor

    from .metadata import Metadata
    from .sides import Sides

DENOISER = "denoiser"
"""The part of a pipeline that makes the image or video: its UNet or transformer."""

FACTORS = frozenset({"lora", "loha", "lokr", "oft", "glora", "ia3", "diff"})
"""The kinds of change that a module's tensors can be."""


class Prefix(NamedTuple):
    """What stands before the module's own name."""

    text: str
    """The prefix itself: `lora_unet_`, `transformer.`, or empty."""

    part: str
    """The part of the pipeline: DENOISER, or `text_encoder`, `text_encoder_2`, ..."""

    joined: bool = False
    """Whether the dots of the module's name are written as underscores."""


class LoraModule(NamedTuple):
    """The tensors that change one module."""

    stem: str
    """The keys' common part: prefix and name."""

    prefix: Prefix
    name: str
    """The module's name without the prefix, as the file writes it."""

    kind: str
    """One of FACTORS, or "none" where only an alpha or a scale is there."""

    style: str
    """How the two matrices are called: `lora_A`, `lora_down`, `lora.down`, `_lora.down`."""

    tensors: dict[str, Tensor]
    """Role (`down`, `up`, `mid`, `alpha`, `dora_scale`, `hada_w1_a`, ...) -> tensor."""

    keys: dict[str, str]
    """Role -> the tensor's whole name in the file."""

    alpha: float | None = None
    """The value of its alpha; None where it has none, or its value cannot be read."""

    adapter: str | None = None
    """The adapter's name that stands in the keys (`lora_A.default.weight`)."""

    @property
    def rank(self) -> int | None:
        """The rank that the shapes give; None where there is none or two that disagree."""
        ranks = set(self.ranks)
        return ranks.pop() if len(ranks) == 1 else None

    @property
    def ranks(self) -> list[int]:
        """The rank by each of the matrices."""
        sides = {
            "lora": (("down", 0), ("up", 1)),
            "loha": (("hada_w1_a", 1), ("hada_w1_b", 0)),
            "lokr": (("lokr_w1_a", 1), ("lokr_w2_a", 1)),
        }.get(self.kind, ())
        shapes = [(self.tensors[role].shape, at) for role, at in sides if role in self.tensors]
        return [shape[at] for shape, at in shapes if len(shape) > at]

    @property
    def sides(self) -> Sides:
        """Inputs and outputs of the layer by its matrices; None where not known."""
        return find_sides(self.kind, self.tensors)

    @property
    def is_convolution(self) -> bool:
        """Whether the matrix is one of a convolution with a kernel wider than one."""
        down = self.tensors.get("mid") or self.tensors.get("down")
        return down is not None and len(down.shape) > 2 and max(down.shape[2:]) > 1

    @property
    def is_dora(self) -> bool:
        """Whether it has DoRA's magnitudes."""
        return "dora_scale" in self.tensors


class LoraFile(NamedTuple):
    """One file."""

    path: str
    tensors: dict[str, Tensor]
    """All tensors by name."""

    modules: dict[str, LoraModule]
    """Stem -> module."""

    others: tuple[str, ...]
    """Names of tensors that are no part of a LoRA."""

    metadata: Metadata
    numbers: dict[str, float]
    """Values of the tensors of one element (alphas)."""

    @property
    def changed(self) -> list[LoraModule]:
        """The modules that have matrices, in the order of the file."""
        return [module for module in self.modules.values() if module.kind != "none"]

    @property
    def denoiser(self) -> list[LoraModule]:
        """Those of the UNet or transformer."""
        return [module for module in self.changed if module.prefix.part == DENOISER]

    @property
    def told_scales(self) -> list[float]:
        """The scales (alpha / rank) by an alpha that only the metadata has, the highest first;
        empty where it has none, or alphas of single layers.
        """
        modules = [module for module in self.changed if module.kind == "lora"]
        patterns = any(
            value for name, value in self.metadata.config.items() if name.endswith("alpha_pattern")
        )
        alpha = self.metadata.alpha
        if alpha is None or patterns or any("alpha" in module.tensors for module in modules):
            return []
        return sorted({alpha / module.rank for module in modules if module.rank}, reverse=True)

    @property
    def parts(self) -> dict[str, int]:
        """Part of the pipeline -> number of modules in it."""
        counts: dict[str, int] = {}
        for module in self.changed:
            counts[module.prefix.part] = counts.get(module.prefix.part, 0) + 1
        return counts
