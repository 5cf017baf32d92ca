"""`loracheck explain x.safetensors`: as text, as JSON by its schema, as a page."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
from click.testing import CliRunner

from loracheck.cli import cli
from loracheck.explain.file.streams import find_layer_component
from loracheck.explain.schema import build_schema

from ..weights import lora_file

FLUX = """
metadata ss_network_module networks.lora_flux
lora_unet_double_blocks_0_img_attn_qkv.lora_down.weight F16 [16, 3072]
lora_unet_double_blocks_0_img_attn_qkv.lora_up.weight F16 [9216, 16]
lora_unet_double_blocks_0_img_attn_qkv.alpha F16 [] = 8
lora_unet_double_blocks_0_txt_attn_proj.lora_down.weight F16 [16, 3072]
lora_unet_double_blocks_0_txt_attn_proj.lora_up.weight F16 [3072, 16]
lora_unet_double_blocks_0_txt_attn_proj.alpha F16 [] = 8
"""


def explain(folder: Path, text: str, *options: str) -> str:
    path = folder / "lora.safetensors"
    path.write_bytes(lora_file(text))
    done = CliRunner().invoke(cli, ["explain", str(path), *options])
    assert done.exit_code == 0, done.output
    return done.output


def test_the_text_names_layout_rank_scale_bases_and_layers(tmp_path: Path) -> None:
    text = explain(tmp_path, FLUX)
    for said in (
        "layout: kohya (`lora_unet_`)",
        "rank: 16",
        "scale: 0.5 (alpha 8)",
        "metadata: networks.lora_flux",
        "black-forest-labs/FLUX.1-dev",
        "reaches 4 of 504 layers",
        "3 of 114",  # image stream: q, k and v of one block
        "1 of 115",
    ):
        assert said in text, text


def test_json_is_as_its_schema_says(tmp_path: Path) -> None:
    data = json.loads(explain(tmp_path, FLUX, "--format", "json"))
    jsonschema.validate(data, build_schema())
    found = data["lora_file"]
    assert found["ranks"] == {"16": 2}
    assert found["model"] == "black-forest-labs/FLUX.1-dev"
    assert found["reached"] == 4


def test_a_page_is_written(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    explain(tmp_path, FLUX, "--html", str(page), "--model", "black-forest-labs/FLUX.1-schnell")
    text = page.read_text("utf-8")
    assert "FLUX.1-schnell" in text and "image stream" in text and "<svg" in text


def test_control_characters_do_not_reach_the_terminal(tmp_path: Path) -> None:
    text = explain(tmp_path, FLUX.replace("networks.lora_flux", "\x1b[31m\x07flux"))
    assert "[31m" in text and "\x1b" not in text and "\x07" not in text


def test_what_cannot_be_read_ends_with_status_2(tmp_path: Path) -> None:
    path = tmp_path / "lora.ckpt"
    path.write_bytes(b"\x80\x04.")
    done = CliRunner().invoke(cli, ["explain", str(path)])
    assert done.exit_code == 2
    assert "pickle" in done.output


def test_components() -> None:
    parts = {
        "transformer_blocks.0.attn.to_q": "image stream",
        "transformer_blocks.0.attn.add_q_proj": "text stream",
        "transformer_blocks.0.ff_context.net.2": "text stream",
        "single_transformer_blocks.3.proj_mlp": "single blocks",
        "time_text_embed.timestep_embedder.linear_1": "time embedding",
        "transformer_blocks.0.norm1.linear": "time embedding",
        "context_embedder": "text stream",
        "add_embedding.linear_1": "time embedding",
        "single_transformer_blocks.*.attn.to_q": "single blocks",
        "cap_embedder.1": "text stream",
        "t_embedder.mlp.0": "time embedding",
        "time_caption_embed.caption_embedder.1": "text stream",
        "layers.0.adaLN_modulation.0": "time embedding",
        "double_stream_blocks.0.block.attn1.to_q_t": "text stream",
        "double_stream_blocks.0.block.ff_t.w1": "text stream",
        "single_stream_blocks.0.block.attn1.to_q": "single blocks",
        "x_embedder": "input and output layers",
        "down_blocks.1.attentions.0.transformer_blocks.0.attn2.to_k": "cross-attention",
        "down_blocks.0.resnets.0.conv1": "convolutions",
        "visual_transformer_blocks.0.cross_attention.to_key": "cross-attention",
        "blocks.0.ffn.net.2": "image stream",
    }
    assert {name: find_layer_component(name) for name in parts} == parts
