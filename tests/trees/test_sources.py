"""Each source of a tree, in its order, as a user meets them: through the command line."""

from __future__ import annotations

import json
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from loracheck.documents.dependencies import record_dependencies
from loracheck.trees.resolve import resolve
from loracheck.trees.sources import config_json
from loracheck.trees.sources.builds import Builds
from loracheck.trees.sources.config_json import is_own_code
from loracheck.trees.sources.request import Request, TreeOptions
from tests.forked import run_command

from .hub_server import COMMIT, LLAMA, hub

needs_models = pytest.mark.skipif(find_spec("transformers") is None, reason="needs transformers")
CONFIG = {"peft_type": "LORA", "r": 8, "lora_alpha": 16, "target_modules": ["q_proj", "v_proj"]}


class Place:
    """A folder with its own caches, in which loracheck is run."""

    def __init__(self, folder: Path, **env: str) -> None:
        self.folder = folder
        own = {
            "LORACHECK_CACHE": str(folder / "cache"),
            "HF_HOME": str(folder / "hf"),
            "HF_HUB_DISABLE_TELEMETRY": "1",
        }
        self.env = {**own, **env}

    def config(self, model: str | None, name: str = "adapter_config.json") -> None:
        data = {**CONFIG, "base_model_name_or_path": model}
        (self.folder / name).write_text(json.dumps(data))

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return run_command(*arguments, cwd=self.folder, env=self.env)

    def setting(self, *arguments: str) -> dict[str, Any]:
        done = self.run("check", "adapter_config.json", "--format", "json", *arguments)
        assert done.stdout, done.stderr
        found: dict[str, Any] = json.loads(done.stdout)["settings"][0]
        return found

    def reason(self, *arguments: str) -> str:
        done = self.run("check", "adapter_config.json", "--format", "json", *arguments)
        return next(
            f["message"] for f in json.loads(done.stdout)["findings"] if f["code"] == "LC003"
        )


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


@pytest.fixture(scope="module")
def cache_with_llama(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache that has the tree of LLAMA, which most tests are not about building."""
    place = Place(tmp_path_factory.mktemp("built"))
    checkpoint(place.folder / "model", LLAMA)
    place.config("model")
    place.setting()
    return place.folder / "cache"


@pytest.fixture
def built(cache_with_llama: Path, tmp_path: Path) -> Place:
    """A place with a copy of that cache."""
    shutil.copytree(cache_with_llama, tmp_path / "cache")
    return Place(tmp_path)


def checkpoint(folder: Path, config: dict[str, Any]) -> Path:
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps(config))
    return folder


def test_a_bundled_id_needs_nothing_else(place: Place) -> None:
    place.config("Qwen/Qwen2.5-7B")
    found = place.setting()
    assert found["tree_source"].startswith("bundled")
    assert found["targeted_modules"] == 56
    assert found["judged"]


def test_a_path_into_another_machines_cache_tells_the_id(place: Place) -> None:
    place.config(f"/home/u/.cache/hub/models--Qwen--Qwen2.5-7B/snapshots/{COMMIT}")
    found = place.setting()
    assert found["tree_source"].startswith("bundled")
    assert found["targeted_modules"] == 56


@pytest.mark.parametrize("folder", ["hub/models", "hub"])
def test_a_path_into_the_cache_of_modelscope_tells_the_id(place: Place, folder: str) -> None:
    place.config(f"/root/.cache/modelscope/{folder}/Qwen/Qwen2___5-7B")
    found = place.setting()
    assert found["tree_source"].startswith("bundled")
    assert found["targeted_modules"] == 56


@needs_models
def test_a_local_directory_is_built_once_and_then_cached(place: Place) -> None:
    checkpoint(place.folder / "model", LLAMA)
    place.config("model")
    first, second = place.setting(), place.setting()
    assert first["tree_source"].startswith("built from config.json")
    assert second["tree_source"].startswith("cache")
    assert first["targeted_modules"] == second["targeted_modules"] == 6
    assert first["trainable_parameters"] == 3 * 8 * ((64 + 64) + (64 + 32))


@needs_models
def test_a_path_is_relative_to_the_config_that_names_it(built: Place) -> None:
    checkpoint(built.folder / "runs" / "model", LLAMA)
    (built.folder / "runs" / "lora.json").write_text(
        json.dumps({**CONFIG, "base_model_name_or_path": "model"})
    )
    done = built.run("check", "runs", "--format", "json")
    settings = json.loads(done.stdout)["settings"]
    assert [s["judged"] for s in settings if s["path"] == "runs/lora.json"] == [True]


@needs_models
def test_the_local_hub_cache_is_read_by_revision(place: Place) -> None:
    repo = place.folder / "hf" / "hub" / "models--team--tiny-llama"
    checkpoint(repo / "snapshots" / COMMIT, LLAMA)
    (repo / "refs").mkdir()
    (repo / "refs" / "main").write_text(COMMIT)
    place.config("team/tiny-llama")
    assert "local Hugging Face cache" in place.setting()["tree_source"]


@needs_models
def test_online_fetches_the_config_alone(tmp_path: Path) -> None:
    with hub() as address:
        place = Place(tmp_path, HF_ENDPOINT=address)
        place.config("team/tiny-llama")
        assert not place.setting()["judged"]
        found = place.setting("--online")
        assert "the Hub" in found["tree_source"]
        assert found["targeted_modules"] == 6
        fetched = [p.name for p in (tmp_path / "hf" / "hub").rglob("*.json")]
        assert fetched == ["config.json"]


@needs_models
def test_online_fetches_the_names_of_a_model_whose_code_is_not_run(tmp_path: Path) -> None:
    with hub() as address:
        place = Place(tmp_path, HF_ENDPOINT=address)
        place.config("team/chatglm")
        found = place.setting("--online")
        assert "tensor names beside the Hub" in found["tree_source"]
        fetched = sorted(p.name for p in (tmp_path / "hf" / "hub").rglob("snapshots/*/*.json"))
        assert fetched == ["config.json", "pytorch_model.bin.index.json"]
        done = place.run("check", "adapter_config.json", "--format", "json")
    codes = [finding["code"] for finding in json.loads(done.stdout)["findings"]]
    assert codes == ["LC201"], "offline, from the cache"


@needs_models
@pytest.mark.skipif(find_spec("diffusers") is None, reason="diffusers is not installed")
def test_online_fetches_the_config_of_the_part_that_is_trained(tmp_path: Path) -> None:
    script = """
from diffusers import FluxPipeline
from peft import LoraConfig
pipe = FluxPipeline.from_pretrained("team/pipe")
pipe.{part}.add_adapter(LoraConfig(target_modules=["{target}"]))
"""
    with hub() as address:
        place = Place(tmp_path, HF_ENDPOINT=address)
        for part, target, count in (("text_encoder", "q_proj", 3), ("transformer", "to_q", 5)):
            (place.folder / "a.py").write_text(script.format(part=part, target=target))
            done = place.run("check", "a.py", "--format", "json", "--online")
            (found,) = json.loads(done.stdout)["settings"]
            assert f"{part}/config.json on the Hub" in found["tree_source"]
            assert found["targeted_modules"] == count
        (place.folder / "a.py").write_text(script.format(part="vae", target="to_q"))
        done = place.run("check", "a.py", "--online")
        assert "team/pipe has no vae; its model_index.json lists" in done.stdout
        assert "diffusers" not in done.stdout.partition("Judged by")[2]
        place.config("team/pipe")
        assert place.setting("--online")["library"].startswith("diffusers ")


@needs_models
@pytest.mark.parametrize(
    ("model", "says"), [("team/gated", "gated"), ("team/absent", "no such model")]
)
def test_a_model_that_cannot_be_fetched_is_a_note_with_the_reason(
    tmp_path: Path, model: str, says: str
) -> None:
    with hub() as address:
        place = Place(tmp_path, HF_ENDPOINT=address)
        place.config(model)
        assert says in place.reason("--online")


@needs_models
def test_a_slow_fetch_says_what_it_is_waiting_for(tmp_path: Path) -> None:
    with hub() as address:
        place = Place(tmp_path, HF_ENDPOINT=address)
        place.config("team/slow-llama")
        done = place.run("check", "adapter_config.json", "--online")
        assert "fetching config.json of team/slow-llama" in done.stderr


def test_without_any_source_a_note_says_so_and_the_fields_are_checked(place: Place) -> None:
    place.config("nobody/nothing")
    assert "not bundled" in place.reason()
    (place.folder / "adapter_config.json").write_text(
        '{"peft_type": "LORA", "r": 0, "lora_alpha": 1}'
    )
    done = place.run("check", "adapter_config.json")
    assert "LC104" in done.stdout


@needs_models
def test_remote_code_is_not_run_but_read_by_its_tensor_names(place: Place) -> None:
    own = {"model_type": "homemade", "auto_map": {"AutoModelForCausalLM": "modeling.Homemade"}}
    folder = checkpoint(place.folder / "model", {**own, "architectures": ["Homemade"]})
    (folder / "modeling.py").write_text("raise SystemExit('executed')\n")
    place.config("model")
    assert "not run" in place.reason()
    names = {f"layers.{i}.attn.{n}.weight": "x" for i in range(2) for n in ("qkv", "out")}
    (folder / "model.safetensors.index.json").write_text(json.dumps({"weight_map": names}))
    done = place.run("check", "adapter_config.json", "--format", "json")
    data = json.loads(done.stdout)
    assert "tensor names" in data["settings"][0]["tree_source"]
    assert "LC201" in {f["code"] for f in data["findings"]}


@pytest.mark.parametrize(
    ("auto_map", "heads", "own"),
    [
        ({"AutoConfig": "c.Config", "AutoModel": "m.Model"}, (), True),
        ({"AutoModelForCausalLM": "m.LlamaForCausalLM"}, (), True),
        ({"AutoModelForCausalLM": "m.Other"}, (), False),
        ({"AutoModelForCausalLM": "m.Other"}, ("CausalLM",), True),
        ({"AutoModelForCausalLM": "m.Other"}, ("AutoModelForCausalLM",), True),
        ({"AutoModelForCausalLM": "m.Other"}, ("SequenceClassification",), False),
        ({"AutoModel": "m.Model"}, ("Model",), True),
        ("m.Model", (), False),
        (None, (), False),
    ],
)
def test_auto_map_says_whose_code_a_class_is(
    auto_map: Any, heads: tuple[str, ...], own: bool
) -> None:
    config = {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "auto_map": auto_map}
    assert is_own_code(config, heads) is own


def test_a_known_model_type_with_code_of_its_own_is_not_taken_for_transformers(
    place: Place,
) -> None:
    own = {"auto_map": {"AutoConfig": "c.Config", "AutoModelForCausalLM": "m.Model"}}
    checkpoint(place.folder / "model", {**LLAMA, **own})
    place.config("model")
    assert "(auto_map) and is not run" in place.reason()


@needs_models
def test_a_head_that_the_checkpoint_has_is_not_new(place: Place) -> None:
    config = {
        "model_type": "modernbert",
        "architectures": ["ModernBertForMaskedLM"],
        "hidden_size": 64,
        "intermediate_size": 64,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "vocab_size": 100,
        "pad_token_id": 0,
    }
    checkpoint(place.folder / "model", config)
    adapter = {
        **CONFIG,
        "base_model_name_or_path": "model",
        "target_modules": ["Wqkv"],
        "task_type": "FEATURE_EXTRACTION",
        "auto_mapping": {"base_model_class": "ModernBertForSequenceClassification"},
    }
    for saved, left in ((["classifier"], False), (None, True)):
        text = json.dumps({**adapter, "modules_to_save": saved, "task_type": None})
        (place.folder / "adapter_config.json").write_text(text)
        done = place.run("check", "adapter_config.json", "--format", "json")
        messages = [f["message"] for f in json.loads(done.stdout)["findings"]]
        assert not any("`head`" in message for message in messages)
        assert any("classifier" in m or "head for SEQ_CLS" in m for m in messages) is left


@needs_models
def test_the_lock_file_goes_before_everything(built: Place) -> None:
    folder = checkpoint(built.folder / "model", LLAMA)
    built.config("model")
    assert built.run("lock").returncode == 0
    assert built.run("lock", "--check").returncode == 0
    (folder / "config.json").unlink()
    found = built.setting()
    assert found["tree_source"].startswith("loracheck.lock")
    assert found["targeted_modules"] == 6


@needs_models
def test_a_lock_file_out_of_date_is_told(built: Place) -> None:
    folder = checkpoint(built.folder / "model", LLAMA)
    built.config("model")
    built.run("lock")
    (folder / "config.json").write_text(json.dumps({**LLAMA, "num_hidden_layers": 4}))
    done = built.run("lock", "--check")
    assert done.returncode == 1
    assert "model: another tree now" in done.stdout
    built.config(None)
    assert "model: in it, but no config names it" in built.run("lock", "--check").stdout


@needs_models
@pytest.mark.parametrize("text", [b"{", b"\xff\xfe", b"[]", b'{"models": 1}'])
def test_a_damaged_lock_file_is_out_of_date(built: Place, text: bytes) -> None:
    checkpoint(built.folder / "model", LLAMA)
    built.config("model")
    (built.folder / "loracheck.lock").write_bytes(text)
    done = built.run("lock", "--check")
    assert done.returncode == 1
    assert "model: not in it" in done.stdout


CONFLICT = '{"version": 1, "models": {\n<<<<<<< HEAD\n=======\n>>>>>>> other\n}}\n'
DAMAGED = [
    ("{", "it is not JSON: line 1, column 2: "),
    ("", "it is empty"),
    (CONFLICT, "a merge conflict is left in it, at line 2"),
    ("[]", "it has no `version`"),
    ('{"version": 2}', "its version is 2, and 1 is known"),
    ('{"version": 1, "models": []}', "it has no object `models`"),
    ('{"version": 1, "models": {"a": 3}}', "its entry 'a' is no object"),
    ('{"version": 1, "models": {"Qwen/Qwen2.5-7B": {}}}', "not a module tree: it has no 'format'"),
]


@pytest.mark.parametrize(("text", "said"), DAMAGED, ids=lambda text: text[:30])
def test_a_damaged_lock_file_is_told_in_words(place: Place, text: str, said: str) -> None:
    (place.folder / "loracheck.lock").write_text(text)
    place.config("Qwen/Qwen2.5-7B")
    assert "loracheck.lock" in place.reason()
    assert said in place.reason()


@needs_models
def test_another_line_than_the_installed_one_is_taken_from_the_cache_or_asked_for(
    place: Place,
) -> None:
    checkpoint(place.folder / "model", LLAMA)
    place.config("model")
    assert "is asked for" in place.reason("--transformers", "4.0")
    version = place.setting()["transformers"]
    (built,) = (place.folder / "cache" / "trees").glob("*.json")
    built.rename(built.with_name(built.name.replace(version, "4.0.1")))
    found = place.setting("--transformers", "4.0")
    assert found["judged"]
    assert found["tree_source"].startswith("cache")


@needs_models
def test_the_lock_file_names_version_and_digest_and_is_stable(built: Place) -> None:
    checkpoint(built.folder / "model", LLAMA)
    built.config("model")
    built.run("lock")
    text = (built.folder / "loracheck.lock").read_text("utf-8")
    (entry,) = json.loads(text)["models"].values()
    assert entry["transformers"]
    assert len(entry["extra"]["config_digest"]) == 64
    assert max(len(line) for line in text.splitlines()) < 1000
    built.run("lock")
    assert (built.folder / "loracheck.lock").read_text("utf-8") == text


@needs_models
def test_a_model_named_by_the_settings_is_locked_too(built: Place) -> None:
    folder = checkpoint(built.folder / "model", LLAMA)
    built.config(None)
    settings = '[models]\n"*.json" = "model"\n'
    (built.folder / "loracheck.toml").write_text(settings)
    assert built.run("lock").returncode == 0
    (folder / "config.json").unlink()
    assert built.setting()["tree_source"].startswith("loracheck.lock")


@needs_models
def test_what_cannot_be_built_is_tried_once_for_all_runs(tmp_path: Path) -> None:
    """The builder is asked by the first run alone; another release of it, or a damaged entry, is
    tried anew.
    """
    place = Place(tmp_path)
    (tmp_path / "cold").mkdir()
    (tmp_path / "cold" / "config.json").write_text('{"model_type": "no-such-type"}')
    place.config("./cold")
    texts = [place.run("check", "adapter_config.json").stdout]
    (entry,) = (tmp_path / "cache" / "failures").iterdir()
    kept = json.loads(entry.read_text())
    assert kept["kind"] == "unknown-model-type" and kept["reason"] in texts[0]
    entry.write_text(json.dumps({**kept, "reason": "told from the cache"}))
    assert "told from the cache" in place.run("check", "adapter_config.json").stdout
    for damage in ("{", '{"kind": "crash", "reason": "x"}', '{"kind": [], "reason": 1}'):
        entry.write_text(damage)
        texts.append(place.run("check", "adapter_config.json").stdout)
        assert json.loads(entry.read_text()) == kept
    assert len(set(texts)) == 1


def test_a_run_reads_a_folder_once_and_again_when_it_has_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A thousand adapters name the folder of their model; each run goes by what it is then."""
    read: list[str] = []
    load = config_json.load_json

    def note_reading(path: str, *, anywhere: bool) -> Any:
        read.append(path)
        return load(path, anywhere=anywhere)

    monkeypatch.setattr(config_json, "load_json", note_reading)
    config = tmp_path / "config.json"
    own_code = {"model_type": "no-such-type", "auto_map": {"AutoConfig": "code.Config"}}
    config.write_text(json.dumps(own_code))
    options = TreeOptions(builds=Builds())
    for number in range(3):
        beside = str(tmp_path / str(number))
        with record_dependencies() as found:
            resolved = resolve(Request(str(tmp_path), beside=beside), options)
        assert resolved.tree is None and resolved.reason
        assert str(config) in {path for path, _ in found.states}
    assert read == [str(config)]
    config.write_text(json.dumps({**own_code, "hidden_size": 16}))
    assert resolve(Request(str(tmp_path)), options).tree is None
    assert len(read) == 2
    resolve(Request(str(tmp_path)), TreeOptions(builds=Builds()))
    assert len(read) == 3, "another run"
