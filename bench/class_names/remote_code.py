"""Classes whose code comes with the checkpoint: where that code stands in public repositories.

`read_remote(FOLDER)` gives their trees. FOLDER holds git directories as OWNER+NAME/repo.
"""

from __future__ import annotations

import json
import re
import subprocess
from typing import TYPE_CHECKING, NamedTuple

from bench.class_names.join import PARTIAL, join_trees, shorten_lists
from bench.class_names.read_code import CodeReader, UnknownClassError
from loracheck.trees.class_names import find_class
from loracheck.trees.model import Child, ModuleTree, Node, Parameter
from loracheck.trees.sources.bundle import TYPE_PREFIX, find_model, find_tree

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


NO_MODULES = ("_pos_emb.inv_freq",)
"""Ends of tensors whose module has nothing that LoRA could wrap, and is made elsewhere."""


NOTHING = "nothing"
"""A class that is given as a module without modules within."""


class Code(NamedTuple):
    """One class and its code."""

    cls: str
    """The class, as `architectures` of a config.json names it."""

    files: tuple[tuple[str, tuple[str, ...]], ...]
    """Repositories with the files that are read together. Those of one class are joined: the code
    differs from checkpoint to checkpoint.
    """

    given: tuple[tuple[str, str], ...] = ()
    """Classes that the code imports from transformers: "type:NAME" is a type's default model, and a
    class of the table of names is its own.
    """

    within: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Attributes that hold a model chosen by the config, and the classes it may be of."""

    aliases: tuple[str, ...] = ()
    """Further classes with the same modules: other spellings, or the name that the code uses."""

    tensors: tuple[tuple[str, str], ...] = ()
    """Repositories and index files whose tensors' names the code must account for."""

    more: tuple[str, ...] = ()
    """Linear layers that further checkpoints of the class have, by the names that an engine loads
    them under.
    """


_QWEN = (
    ("stvlynn/Qwen-7B-Chat-Cantonese", ("modeling_qwen.py",)),
    ("mapengAdam/qianwen-72B", ("modeling_qwen.py",)),
    ("Immerso-AIIP-Ltd/Qwen-VL-Chat", ("modeling_qwen.py", "visual.py")),
    ("QwenLM/Qwen-Audio", ("modeling_qwen.py", "audio.py")),
)
_CHATGLM = (
    ("SCIR-HI/Med-ChatGLM", ("modeling_chatglm.py",)),
    ("emotibot-inc/Zhuzhi-6B", ("modeling_chatglm.py",)),
    ("XuRui314/GLM4v-Finetune", ("modeling_chatglm.py",)),
)
_BAICHUAN = (
    ("baichuan-inc/Baichuan-7B", ("models/modeling_baichuan.py",)),
    ("jrd77/Baichuan2-13B-Chat", ("modeling_baichuan.py",)),
)
_INTERNLM2 = "internvl_chat/internvl/model/internlm2/modeling_internlm2.py"
_INTERNVL = tuple(
    f"internvl_chat/internvl/model/internvl_chat/modeling_{part}.py"
    for part in ("intern_vit", "internvl_chat")
)

_PHI3V = tuple(f"Phi_3V_MoE/{name}_phi3_v.py" for name in ("modeling", "image_embedding"))
_LLAVA = tuple(
    f"llava/model/{name}.py"
    for name in (
        *("language_model/llava_llama", "llava_arch", "multimodal_encoder/builder"),
        *("multimodal_encoder/clip_encoder", "multimodal_projector/builder"),
    )
)

REMOTE = (
    Code(
        "QWenLMHeadModel",
        _QWEN,
        tensors=(
            ("stvlynn/Qwen-7B-Chat-Cantonese", "model.safetensors.index.json"),
            ("mapengAdam/qianwen-72B", "model.safetensors.index.json"),
            ("Immerso-AIIP-Ltd/Qwen-VL-Chat", "pytorch_model.bin.index.json"),
        ),
    ),
    Code(
        "ChatGLMForConditionalGeneration",
        _CHATGLM,
        # The code of GLM-4V, whose vision modules are elsewhere: its ids are not of this class.
        given=(("EVA2CLIPModel", NOTHING),),
        aliases=("ChatGLMModel",),
        tensors=(("emotibot-inc/Zhuzhi-6B", "pytorch_model.bin.index.json"),),
    ),
    Code(
        "BaichuanForCausalLM",
        _BAICHUAN,
        aliases=("BaiChuanForCausalLM",),
        tensors=(("jrd77/Baichuan2-13B-Chat", "pytorch_model.bin.index.json"),),
    ),
    Code(
        "InternLMForCausalLM",
        (("Pentahill/llm-example", ("modeling_internlm.py",)),),
        tensors=(("yangulei/internlm-20b", "pytorch_model.bin.index.json"),),
    ),
    Code("InternLM2ForCausalLM", (("OpenGVLab/InternVL", (_INTERNLM2,)),)),
    Code(
        "InternVLChatModel",
        (("OpenGVLab/InternVL", (*_INTERNVL, _INTERNLM2)),),
        within=(
            (
                "language_model",
                (
                    *("LlamaForCausalLM", "Qwen2ForCausalLM", "Phi3ForCausalLM"),
                    *("Qwen3ForCausalLM", "Qwen3MoeForCausalLM", "InternLM2ForCausalLM"),
                    *("GptOssForCausalLM", "MistralForCausalLM"),
                ),
            ),
        ),
    ),
    Code(
        "MiniCPMForCausalLM",
        (("oshersidi/OCD", ("modeling_minicpm.py",)),),
        # MiniCPM-MoE-8x2B: vLLM 0.33.0 `model_executor/models/minicpm.py`, `load_weights`.
        more=(
            *("model.layers.0.mlp.gate", "model.layers.0.mlp.experts.0.w1"),
            *("model.layers.0.mlp.experts.0.w2", "model.layers.0.mlp.experts.0.w3"),
        ),
    ),
    Code(
        "Phi3VForCausalLM",
        (("lamm-mit/Cephalo-Phi-3-Vision-MoE", _PHI3V),),
        given=(("CLIPVisionModel", "type:clip_vision_model"),),
    ),
    Code("TelechatForCausalLM", (("Srangrang/torch_extention", ("modeling_telechat.py",)),)),
    Code(
        "LlavaLlamaForCausalLM",
        (("haotian-liu/LLaVA", _LLAVA),),
        given=(
            ("CLIPVisionModel", "type:clip_vision_model"),
            ("LlamaModel", "type:llama:Model"),
            ("LlamaForCausalLM", "type:llama"),
        ),
    ),
)


def read_remote(folder: Path) -> Iterator[tuple[str, ModuleTree]]:
    """Class and tree of every one. Raises UnknownClassError where the code has changed."""
    known: dict[str, Node] = {}
    for code in REMOTE:
        roots = [_read(folder, code, files, known) for files in code.files]
        roots += [_nest(name) for name in code.more]
        joined = join_trees([ModuleTree(root=root) for root in roots])
        tree = shorten_lists(joined._replace(partial=PARTIAL, generates=True))
        _compare(folder, code, tree)
        known[code.cls] = tree.root
        for cls in (code.cls, *code.aliases):
            yield cls, tree._replace(cls=cls, root=tree.root._replace(cls=cls))


def _read(
    folder: Path, code: Code, files: tuple[str, tuple[str, ...]], known: dict[str, Node]
) -> Node:
    repository, names = files
    clone = folder / repository.replace("/", "+") / "repo"
    texts = [_show(clone, name) for name in names]
    given = {name: _given(source, known) for name, source in code.given}
    held = {cls: _given(cls, known) for _, classes in code.within for cls in classes}
    reader = CodeReader(texts, {**held, **given})
    own = next((cls for cls in (code.cls, *code.aliases) if reader.has_class(cls)), code.cls)
    root = reader.read_class(own)
    for attribute, classes in code.within:
        others = [child for child in root.children if child.name != attribute]
        joined = join_trees([ModuleTree(root=held[cls]) for cls in classes]).root
        root = root._replace(children=(*others, Child(attribute, None, joined)))
    return root


def _nest(name: str) -> Node:
    """A tree of one linear layer."""
    node = Node("Linear", "Linear", (Parameter("weight", ()),), ())
    for part in reversed(name.split(".")):
        child = Child(None, ((0, 0),), node) if part.isdecimal() else Child(part, None, node)
        node = Node("Module", "ModuleList" if part.isdecimal() else None, (), (child,))
    return node


def _compare(folder: Path, code: Code, tree: ModuleTree) -> None:
    """Raises UnknownClassError where a checkpoint has a tensor of a module that the tree lacks."""
    for repository, name in code.tensors:
        clone = folder / repository.replace("/", "+") / "repo"
        for tensor in json.loads(_show(clone, name))["weight_map"]:
            module = re.sub(r"\.\d+\.", ".0.", tensor).rpartition(".")[0]
            if tree.find(module) is None and not tensor.endswith(NO_MODULES):
                raise UnknownClassError(f"{code.cls}: {tensor} of {repository}")


def _given(source: str, known: dict[str, Node]) -> Node:
    """The tree of a class of transformers, or of one read before."""
    if source == NOTHING:
        return Node(source, None, (), ())
    if source in known:
        return known[source]
    found = find_class(source)
    if found is not None:
        return found.tree.root
    kind, _, head = source.removeprefix(TYPE_PREFIX).partition(":")
    model = find_model(TYPE_PREFIX + kind)
    spans = model.list_release_runs() if model is not None else []
    trees = (find_tree(TYPE_PREFIX + kind, (head,) if head else (), None, at) for at, _, _ in spans)
    return join_trees([tree for tree in trees if tree is not None]).root


def _show(clone: Path, name: str) -> str:
    command = ["git", "-C", str(clone), "show", f"HEAD:{name}"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout
