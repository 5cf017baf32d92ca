"""Pipelines of diffusers: which part's config is taken, from a folder, the cache and the Hub."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loracheck.trees.resolve import resolve
from loracheck.trees.sources.lock import make_lock_key
from loracheck.trees.sources.pipeline import NoPartError, find_config, is_part
from loracheck.trees.sources.request import Request
from tests.trees.hub_server import LLAMA
from tests.trees.hub_server import TINY_FLUX as TINY

INDEX: dict[str, Any] = {
    "_class_name": "FluxPipeline",
    "_diffusers_version": "0.40.0",
    "scheduler": ["diffusers", "FlowMatchEulerDiscreteScheduler"],
    "image_encoder": [None, None],
    "is_distilled": False,
    "text_encoder": ["transformers", "LlamaForCausalLM"],
    "transformer": ["diffusers", "FluxTransformer2DModel"],
    "transformer_2": ["diffusers", "FluxTransformer2DModel"],
}
needs_both = pytest.mark.skipif(
    find_spec("diffusers") is None or find_spec("transformers") is None,
    reason="diffusers or transformers is not installed",
)


def write_pipeline(folder: Path) -> Path:
    parts = {"transformer": TINY, "transformer_2": {**TINY, "num_layers": 1}, "text_encoder": LLAMA}
    for part, config in parts.items():
        (folder / part).mkdir(parents=True)
        (folder / part / "config.json").write_text(json.dumps(config))
    (folder / "model_index.json").write_text(json.dumps(INDEX))
    return folder


@needs_both
@pytest.mark.parametrize(
    ("part", "heads", "cls", "name"),
    [
        (None, (), "FluxTransformer2DModel", "transformer/config.json"),
        ("transformer_2", (), "FluxTransformer2DModel", "transformer_2/config.json"),
        ("text_encoder", (), "LlamaForCausalLM", "text_encoder/config.json"),
        (None, ("LlamaForCausalLM",), "LlamaForCausalLM", "text_encoder/config.json"),
        (None, ("SequenceClassification",), "FluxTransformer2DModel", "transformer/config.json"),
    ],
)
def test_the_part_of_a_folder(
    part: str | None, heads: tuple[str, ...], cls: str, name: str, tmp_path: Path
) -> None:
    folder = write_pipeline(tmp_path / "pipe")
    for model in (str(folder), str(folder / "model_index.json")):
        found = resolve(Request(model, heads=heads, part=part))
        assert found.tree is not None, found.reason
        assert found.tree.cls == cls
        assert f"from {name} of {model}" in (found.source or "")


@needs_both
def test_a_folder_that_is_the_part_itself(tmp_path: Path) -> None:
    folder = write_pipeline(tmp_path / "pipe") / "transformer_2"
    found = resolve(Request(str(folder), part="transformer"))
    assert found.tree is not None
    assert found.tree.find("transformer_blocks.1") is None


@pytest.mark.parametrize(
    ("index", "part", "words"),
    [
        (INDEX, "unet", "has no unet; its model_index.json lists scheduler, text_encoder,"),
        ({"_class_name": "X", "vocoder": ["diffusers", "Y"]}, None, "has no transformer and no"),
        ([1], None, "is no list of a pipeline's parts"),
        ("", None, "cannot be read"),
    ],
)
def test_a_pipeline_without_the_part_is_told(
    index: Any, part: str | None, words: str, tmp_path: Path
) -> None:
    text = json.dumps(index) if index else "{"
    (tmp_path / "model_index.json").write_text(text)
    found = resolve(Request(str(tmp_path), part=part))
    assert found.tree is None
    assert words in (found.reason or "")


@pytest.mark.parametrize("part", ["../x", "a/b", "..", ".", "", "/etc", "a\\b", "a..b", "~x"])
def test_a_part_leads_nowhere_else(part: str, tmp_path: Path) -> None:
    assert not is_part(part)
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "config.json").write_text(json.dumps(LLAMA))
    (tmp_path / "pipe").mkdir()
    found = resolve(Request(str(tmp_path / "pipe"), part=part))
    assert found.tree is None
    (tmp_path / "pipe" / "model_index.json").write_text(json.dumps({part: ["diffusers", "X"]}))
    assert resolve(Request(str(tmp_path / "pipe"), part=part)).tree is None


NAMES = st.dictionaries(
    st.text(max_size=8) | st.sampled_from(["transformer", "unet", "vae"]),
    st.recursive(
        st.none() | st.text(max_size=4) | st.integers(), lambda one: st.lists(one, max_size=3)
    ),
    max_size=5,
)


@given(index=NAMES, part=st.none() | st.text(max_size=8), heads=st.lists(st.text(max_size=4)))
def test_any_index_gives_a_listed_part_or_an_error(
    index: dict[str, Any], part: str | None, heads: list[str], tmp_path_factory: Any
) -> None:
    path = tmp_path_factory.mktemp("pipe") / "model_index.json"
    path.write_text(json.dumps(index))
    request = Request("x", heads=tuple(heads), part=part)
    try:
        found = find_config(request, lambda name: str(path) if name != "config.json" else None)
    except NoPartError:
        return
    if found is not None:
        folder = found[1].removesuffix("/config.json")
        assert folder in index and is_part(folder)
        assert part in (None, folder)


@needs_both
def test_a_part_in_the_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    write_pipeline(tmp_path / "models--team--pipe" / "snapshots" / "main")
    found = resolve(Request("team/pipe", part="text_encoder"))
    assert found.tree is not None and found.tree.cls == "LlamaForCausalLM"
    assert "text_encoder/config.json in the local Hugging Face cache" in (found.source or "")
    found = resolve(Request("team/pipe"))
    assert found.tree is not None and found.tree.library == "diffusers"
    missing = resolve(Request("team/pipe", part="vae"))
    assert missing.tree is None and "has no vae" in (missing.reason or "")


def test_another_part_is_another_line_of_the_lock_file() -> None:
    assert make_lock_key(Request("a/b", part="unet")).format() == "a/b|||||unet"


def test_a_folder_that_lacks_a_part_which_it_lists_says_so(tmp_path: Path) -> None:
    index = {"_class_name": "FluxPipeline", "transformer": ["diffusers", "FluxTransformer2DModel"]}
    (tmp_path / "model_index.json").write_text(json.dumps(index), "utf-8")
    for part in (None, "transformer"):
        found = resolve(Request(str(tmp_path), part=part))
        assert found.tree is None
        assert "has a model_index.json, and no config.json of" in (found.reason or "")
