"""Module trees made by hand, so that the plan's own tests need neither torch nor transformers."""

from __future__ import annotations

from typing import Any

from loracheck.trees.fold import fold_children
from loracheck.trees.model import Child, ModuleTree, Node, Parameter


def leaf(kind: str | None, *shape: int, bias: bool = False, **attributes: Any) -> Node:
    """A module with a weight of that shape (out, in)."""
    parameters = [Parameter("weight", shape)] if shape else []
    if bias:
        parameters.append(Parameter("bias", (shape[0],)))
    cls = f"torch.nn.{kind}" if kind else "x.RMSNorm"
    return Node(cls, kind, tuple(parameters), (), tuple(attributes.items()))


def block(**children: Node) -> Node:
    """A module of modules."""
    return Node("x.Block", None, (), fold_children(list(children.items())))


def layers(nodes: list[Node]) -> Node:
    """A ModuleList."""
    return Node(
        "torch.nn.ModuleList",
        "ModuleList",
        (),
        fold_children([(str(i), n) for i, n in enumerate(nodes)]),
    )


def decoder(count: int, width: int, kv: int, inner: int, vocabulary: int) -> ModuleTree:
    """A Llama of those sizes."""
    attention = block(
        q_proj=leaf("Linear", width, width),
        k_proj=leaf("Linear", kv, width),
        v_proj=leaf("Linear", kv, width),
        o_proj=leaf("Linear", width, width),
    )
    mlp = block(
        gate_proj=leaf("Linear", inner, width),
        up_proj=leaf("Linear", inner, width),
        down_proj=leaf("Linear", width, inner),
    )
    layer = block(self_attn=attention, mlp=mlp, input_layernorm=leaf(None, width))
    model = block(
        embed_tokens=leaf("Embedding", vocabulary, width),
        layers=layers([layer] * count),
        norm=leaf(None, width),
    )
    root = block(model=model, lm_head=leaf("Linear", vocabulary, width))
    return ModuleTree(
        root,
        model_type="llama",
        cls="LlamaForCausalLM",
        library_version="5.23.0",
        input_embeddings="model.embed_tokens",
        output_embeddings="lm_head",
        generates=True,
    )


LLAMA_7B = decoder(32, 4096, 4096, 11008, 32000)
LLAMA_3_8B = decoder(32, 4096, 1024, 14336, 128256)
SMALL = decoder(12, 8, 4, 16, 20)


def experts(count: int, layer_count: int) -> ModuleTree:
    """A mixture of experts, one Linear each, as transformers 4 and the checkpoints have them."""
    expert = block(
        gate_proj=leaf("Linear", 24, 16),
        up_proj=leaf("Linear", 24, 16),
        down_proj=leaf("Linear", 16, 24),
    )
    attention = block(q_a_proj=leaf("Linear", 8, 16), o_proj=leaf("Linear", 16, 16))
    sparse = block(self_attn=attention, mlp=block(experts=layers([expert] * count), shared=expert))
    dense = block(self_attn=attention, mlp=expert)
    model = block(
        embed_tokens=leaf("Embedding", 99, 16), layers=layers([dense, *[sparse] * layer_count])
    )
    return ModuleTree(block(model=model, lm_head=leaf("Linear", 99, 16)), library_version="4.57.6")


def convolutional() -> ModuleTree:
    """Other kinds of modules, numbered in two nested lists."""
    conv = leaf(
        "Conv2d", 8, 2, 3, 3, bias=True, groups=2, kernel_size=(3, 3), in_channels=4, out_channels=8
    )
    cell = block(conv=conv, fc=leaf("Linear", 6, 8, bias=True), drop=leaf(None))
    stage = layers([cell, cell, block(conv=conv), cell])
    root = block(stages=layers([stage] * 11), classifier=leaf("Linear", 2, 6, bias=True))
    return ModuleTree(root, pretrained=False)


TREES = {"small": SMALL, "experts": experts(11, 3), "convolutional": convolutional()}


def expanded(tree: ModuleTree) -> ModuleTree:
    """The same tree with nothing folded."""
    return tree._replace(root=_expand(tree.root))


def _expand(node: Node) -> Node:
    if any(child.ranges for child in node.children):
        pairs = [
            (index, child.node)
            for child in node.children
            for index in (child.indices if child.ranges else [int(child.name or 0)])
        ]
        named = [(str(i), n) for i, n in sorted(pairs, key=lambda pair: pair[0])]
    else:
        named = [(child.name or "", child.node) for child in node.children]
    return node._replace(children=tuple(Child(name, None, _expand(n)) for name, n in named))
