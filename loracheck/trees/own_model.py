"""The tree of a model that is a class of the file's own, out of the trees of the models that it
holds and the layers of torch that it writes.

Source of the layers' parameters: torch 2.13.0 nn/modules (linear.py, sparse.py, conv.py,
normalization.py, batchnorm.py); a test builds such models with torch and compares.
"""

from __future__ import annotations

from loracheck.documents.python.own_modules import OwnModule
from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

from .fold import fold_children
from .model import Child, ModuleTree, Node, Parameter

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from loracheck.documents.python.written_layers import WrittenLayer

SIZES = "the sizes of `{}`"
"""Entry of `ModuleTree.partial` for a layer whose arguments are not known."""

_NO_PARAMETERS = {
    "activation": "ELU GELU GLU Hardswish Hardtanh LeakyReLU LogSigmoid LogSoftmax Mish ReLU ReLU6"
    " SELU SiLU Sigmoid Softmax Softplus Tanh",
    "dropout": "Dropout Dropout1d Dropout2d Dropout3d AlphaDropout",
    "linear": "Identity",
    "flatten": "Flatten Unflatten",
    "distance": "CosineSimilarity PairwiseDistance",
    "pooling": "AvgPool1d AvgPool2d AvgPool3d MaxPool1d MaxPool2d MaxPool3d AdaptiveAvgPool1d"
    " AdaptiveAvgPool2d AdaptiveAvgPool3d AdaptiveMaxPool1d AdaptiveMaxPool2d",
    "loss": "BCELoss BCEWithLogitsLoss CosineEmbeddingLoss CrossEntropyLoss HuberLoss KLDivLoss"
    " L1Loss MSELoss MarginRankingLoss NLLLoss SmoothL1Loss TripletMarginLoss",
}
_CLASSES = {cls: module for module, names in _NO_PARAMETERS.items() for cls in names.split()}
"""Classes without parameters -> their modules in torch.nn.modules."""

_SIGNATURES = {
    "Linear": ("linear", ("in_features", "out_features", "bias")),
    "Embedding": ("sparse", ("num_embeddings", "embedding_dim")),
    "LayerNorm": ("normalization", ("normalized_shape", "eps", "elementwise_affine", "bias")),
    **{
        f"BatchNorm{n}d": ("batchnorm", ("num_features", "eps", "momentum", "affine"))
        for n in (1, 2, 3)
    },
    **{
        f"Conv{n}d": (
            "conv",
            (
                *("in_channels", "out_channels", "kernel_size", "stride", "padding", "dilation"),
                *("groups", "bias", "padding_mode"),
            ),
        )
        for n in (1, 2, 3)
    },
}
"""Class -> its module, and the names of its arguments."""

_SWITCHES = ("bias", "elementwise_affine", "affine")
_CONTAINERS = frozenset({"Sequential", "ModuleList", "ModuleDict"})


class OwnModel(NamedTuple):
    """What is known of a model of the file's own."""

    tree: ModuleTree
    """Its tree; `partial` where sizes are not known."""

    unknown: tuple[str, ...]
    """What it has beside the tree's modules, or may have; empty where the tree has them all."""


def build_own_tree(
    own_module: OwnModule, trees: Mapping[int, ModuleTree | None]
) -> OwnModel | None:
    """The model of a class, with the trees of what it loads by the root of the call; None where no
    module of it is known.
    """
    building = _TreeBuilder(trees)
    root = building.build(own_module, "")
    if not root.children:
        return None
    first = building.loaded[0][1] if building.loaded else None
    config_tree = (
        trees.get(_find_root(own_module, own_module.config_of)) if own_module.config_of else None
    )
    dtypes = {tree.dtype for _, tree in building.loaded} or {"float32"}
    if len(dtypes) > 1 or (dtypes != {"float32"} and building.layers):
        building.partial.append("the dtypes of its layers")
    tree = ModuleTree(
        root,
        model_type=config_tree.model_type if config_tree else None,
        cls=own_module.cls,
        library=first.library if first else "torch",
        library_version=first.library_version if first else None,
        dtype=min(dtypes),
        tied_words=config_tree.tied_words if config_tree else False,
        generates=own_module.generates,
        pretrained=False,
        ties=tuple(building.pairs("ties")),
        aliases=tuple(building.pairs("aliases")),
        partial=tuple(dict.fromkeys(building.partial)),
    )
    return OwnModel(tree, tuple(dict.fromkeys(building.unknown)))


def _find_root(own_module: OwnModule, name: str) -> int:
    part = dict(own_module.parts).get(name)
    return part if isinstance(part, int) else -1


class _TreeBuilder:
    """One model's nodes, with what is not known of them."""

    def __init__(self, trees: Mapping[int, ModuleTree | None]) -> None:
        self.trees = trees
        self.unknown: list[str] = []
        self.partial: list[str] = []
        self.loaded: list[tuple[str, ModuleTree]] = []
        self.layers = 0

    def build(self, own_module: OwnModule, name: str) -> Node:
        """The node of an object of a class of the file's own."""
        dotted = f"{name}." if name else ""
        self.unknown += own_module.unknown
        children: list[Child] = []
        roots = [part for _, part in own_module.parts if isinstance(part, int)]
        for part_name, part in own_module.parts:
            node = self._build_part(part, dotted + part_name)
            if node is None or (isinstance(part, int) and roots.count(part) > 1):
                self.unknown.append(f"`{dotted}{part_name}`")
            else:
                children.append(Child(part_name, None, node))
        return Node(f"__main__.{own_module.cls}", None, (), tuple(children))

    def _build_part(self, part: OwnModule | WrittenLayer | int, name: str) -> Node | None:
        if isinstance(part, int):
            tree = self.trees.get(part)
            if tree is None:
                return None
            self.loaded.append((name, tree))
            self.partial += tree.partial
            return tree.root
        return (
            self.build(part, name) if isinstance(part, OwnModule) else self._build_layer(part, name)
        )

    def _build_layer(self, layer: WrittenLayer, name: str) -> Node | None:
        self.layers += 1
        if layer.cls in _CONTAINERS:
            children = [
                (child_name, self._build_layer(one, f"{name}.{child_name}"))
                for child_name, one in layer.children
            ]
            nodes = [(child_name, node) for child_name, node in children if node is not None]
            path = f"torch.nn.modules.container.{layer.cls}"
            same = len(nodes) == len(children)
            return Node(path, layer.cls, (), fold_children(nodes)) if same else None
        if layer.cls in _CLASSES:
            return Node(f"torch.nn.modules.{_CLASSES[layer.cls]}.{layer.cls}", None, (), ())
        if layer.cls not in _SIGNATURES:
            return None
        module, names = _SIGNATURES[layer.cls]
        arguments = {
            names[k] if isinstance(k, int) and k < len(names) else k: v for k, v in layer.arguments
        }
        node = _build_node(layer.cls, f"torch.nn.modules.{module}.{layer.cls}", arguments)
        if node is None:
            self.partial.append(SIZES.format(name))
            kind = layer.cls if _has_kind(layer.cls) else None
            weight = Parameter("weight", (0, 0))
            return Node(f"torch.nn.modules.{module}.{layer.cls}", kind, (weight,), ())
        return node

    def pairs(self, what: str) -> list[tuple[str, str]]:
        """The ties or aliases of what is loaded, under their names here."""
        return [
            (f"{name}.{one}", f"{name}.{other}")
            for name, tree in self.loaded
            for one, other in getattr(tree, what)
        ]


def _has_kind(cls: str) -> bool:
    return cls in ("Linear", "Embedding") or cls.startswith("Conv")


def _build_node(cls: str, path: str, arguments: dict[Any, Any]) -> Node | None:
    """The node of a layer; None where an argument that decides its sizes is not known."""
    if (
        any(type(arguments.get(name, True)) is not bool for name in _SWITCHES)
        or "dtype" in arguments
    ):
        return None
    bias = arguments.get("bias", True)
    if cls == "Linear":
        shape = _get_sizes(arguments, "out_features", "in_features")
        rows = shape[:1]
    elif cls == "Embedding":
        shape, rows, bias = _get_sizes(arguments, "num_embeddings", "embedding_dim"), (), False
    elif cls == "LayerNorm":
        shape = rows = _spread(arguments.get("normalized_shape"), 1)
    elif cls.startswith("BatchNorm"):
        shape = rows = _get_sizes(arguments, "num_features")
    else:
        return _build_convolution(cls, path, arguments, bias)
    if not shape:
        return None
    affine = arguments.get("elementwise_affine", True) and arguments.get("affine", True)
    weights = [Parameter("weight", shape)] + ([Parameter("bias", rows)] if bias else [])
    kind = cls if _has_kind(cls) else None
    return Node(path, kind, tuple(weights) if affine else (), ())


def _get_sizes(arguments: dict[Any, Any], *names: str) -> tuple[int, ...]:
    """The sizes under these names; nothing where one is not known."""
    sizes = [arguments.get(name) for name in names]
    plain = all(type(one) is int and one > 0 for one in sizes)
    return tuple(int(str(one)) for one in sizes) if plain else ()


def _spread(value: Any, count: int) -> tuple[int, ...]:
    """A size for each dimension, as torch takes one number for all."""
    if type(value) is int and value > 0:
        return (value,) * count
    if isinstance(value, (list, tuple)) and all(type(one) is int and one > 0 for one in value):
        return tuple(value)
    return ()


def _build_convolution(cls: str, path: str, arguments: dict[Any, Any], bias: bool) -> Node | None:
    """A convolution in its usual form; None for one that PEFT's layers do not copy in full."""
    sides = int(cls[4])
    sizes = _get_sizes(arguments, "out_channels", "in_channels")
    kernel = _spread(arguments.get("kernel_size"), sides)
    groups = arguments.get("groups", 1)
    usual = arguments.get("dilation", 1) == 1 and arguments.get("padding_mode", "zeros") == "zeros"
    if not sizes or len(kernel) != sides or type(groups) is not int or groups < 1 or not usual:
        return None
    out, into = sizes
    weights = [Parameter("weight", (out, into // groups, *kernel))]
    weights += [Parameter("bias", (out,))] if bias else []
    facts = (
        ("groups", groups),
        ("kernel_size", kernel),
        ("in_channels", into),
        ("out_channels", out),
    )
    return Node(path, cls, tuple(weights), (), facts)
