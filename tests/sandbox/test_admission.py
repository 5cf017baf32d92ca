"""What of a config.json reaches a constructor."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.util import find_spec
from typing import Any

import pytest

from loracheck.trees.builder import BuildError, build

from .inside import SKELETON

pytestmark = pytest.mark.skipif(
    find_spec("transformers") is None, reason="transformers is not installed"
)
LLAMA: dict[str, Any] = {
    "model_type": "llama",
    "architectures": ["LlamaForCausalLM"],
    "num_hidden_layers": 2,
    "hidden_size": 32,
    "num_attention_heads": 4,
    "vocab_size": 64,
}
UPERNET: dict[str, Any] = {
    "model_type": "upernet",
    "architectures": ["UperNetForSemanticSegmentation"],
    "use_pretrained_backbone": False,
    "use_timm_backbone": False,
    "backbone_config": None,
}


INDIFFERENT: dict[str, Any] = {
    "_name_or_path": "/home/somebody/model",
    "auto_map": {"AutoModel": "evil.Evil"},
    "trust_remote_code": True,
    "code_revision": "main",
    "attn_implementation": "a/kernel",
    "mm_vision_tower": "openai/clip-vit-large-patch14-336",
    "tokenizer_name": "../x",
    "id2label": {"0": "yes/no", "1": "C:\\x"},
    "label2id": {"yes/no": 0, "C:\\x": 1},
    "task_specific_params": {"a": {"prefix": "translate and/or say: "}},
    "not a name": 1,
    "__class__": "x",
    "__dict__": {},
    "quantization_config": {"quant_method": "gptq", "ignore": ["re:.*/x"]},
    "transformers_version": "4.57.0.dev0",
    "torch_dtype": "bfloat16",
}


def test_what_a_tree_does_not_depend_on_changes_nothing() -> None:
    assert build({**LLAMA, **INDIFFERENT}).root == build(LLAMA).root


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({**UPERNET, "backbone": "./evil"}, "backbone names a place elsewhere ('./evil')"),
    ({**UPERNET, "backbone": "owner/model"}, "owner/model"),
    ({**UPERNET, "backbone": "C:\\evil"}, "backbone"),
    ({**UPERNET, "backbone": "//server/share"}, "backbone"),
    ({**UPERNET, "backbone": "e\u0000vil"}, "backbone"),
    ({**UPERNET, "backbone": ["a", "~/evil"]}, "~/evil"),
    ({**UPERNET, "backbone_kwargs": {"cache_file": "x"}}, "backbone_kwargs holds 'cache_file'"),
    (
        {"model_type": "llava", "text_config": {**LLAMA, "hidden_act": "../x"}},
        "text_config.hidden_act",
    ),
    ({**LLAMA, "rope_parameters": {"x": [{"y": "a/b"}]}}, "rope_parameters"),
    ({**LLAMA, "rope_parameters": {"a/b": 1}}, "rope_parameters"),
]
_ADMIT = """
import json, os, sys
sys.path.insert(0, {skeleton!r})
from importlib import import_module
import_module("hidden").hide()
known = import_module("transformers.models.auto.configuration_auto").CONFIG_MAPPING
admit = import_module("sandbox.admission").admit
def reason(config):
    try:
        admit(config, known[config["model_type"]], known)
    except import_module("sandbox.refusal").RefusalError as error:
        return [error.kind, error.reason]
print(json.dumps([reason(config) for config in json.load(sys.stdin)]))
"""


def test_a_place_elsewhere_is_refused() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _ADMIT.format(skeleton=str(SKELETON))],
        input=json.dumps([config for config, _ in REFUSED]),
        capture_output=True,
        text=True,
        check=True,
    )
    for (config, words), (kind, reason) in zip(REFUSED, json.loads(done.stdout), strict=True):
        assert kind == "not-allowed", config
        assert words in reason


def test_the_builder_says_so() -> None:
    with pytest.raises(BuildError) as caught:
        build({**UPERNET, "backbone": "./evil"})
    assert caught.value.kind == "not-allowed"


def test_a_bare_name_is_not_looked_up() -> None:
    """It may be a folder of the working directory, or an id of the Hub."""
    with pytest.raises(BuildError) as caught:
        build({**UPERNET, "backbone": "evil"})
    assert caught.value.kind in ("not-allowed", "invalid-config", "needs-package")
