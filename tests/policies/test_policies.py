"""Policies as a team uses them, from the command line and the settings; broken and hostile ones."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from jsonschema import Draft202012Validator

from loracheck.cli import cli
from loracheck.policies import setting_schema
from loracheck.policies.check_names import PARTS
from loracheck.policies.load import MAX_PROBLEMS
from loracheck.rules.support import normal_setting
from loracheck.tools.core.build_index import list_all_tools
from loracheck.tools.core.registry import import_tool

ROOT = Path(__file__).parents[2]
CONFIG = {
    "peft_type": "LORA",
    "base_model_name_or_path": "Qwen/Qwen2.5-7B",
    "r": 128,
    "lora_alpha": 128,
    "target_modules": ["q_proj", "v_proj"],
}
YAML = (
    "model_name: Qwen/Qwen2.5-7B\nlora:\n  r: 128\n  lora_alpha: 128\n  target_modules: [q_proj]\n"
)
RANK = {"properties": {"fields": {"properties": {"r": {"maximum": 64, "description": "served"}}}}}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / ".git").mkdir()
    (tmp_path / "a.json").write_text(json.dumps(CONFIG, indent=1))
    (tmp_path / "rank.json").write_text(json.dumps(RANK))
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    return tmp_path


def check(*arguments: str) -> Result:
    done = CliRunner().invoke(cli, ["check", *arguments], catch_exceptions=False)
    assert "Traceback" not in done.output
    return done


def codes(*arguments: str) -> list[str]:
    done = check("--select", "LC9", "--format", "json", *arguments)
    assert done.exit_code in (0, 1), done.output
    return [finding["code"] for finding in json.loads(done.stdout)["findings"]]


def write(name: str, value: Any) -> str:
    Path(name).write_text(value if isinstance(value, str) else json.dumps(value, indent=1))
    return name


def test_the_settings_name_policies_and_options_add_to_them(folder: Path) -> None:
    (folder / "configs" / "prod").mkdir(parents=True)
    write("configs/prod/b.json", CONFIG)
    write("model.json", {"properties": {"model": {"const": "x"}}})
    assert codes("a.json") == []
    write(
        "loracheck.toml", 'policy = "rank.json"\n[policies]\n"configs/prod/**" = ["model.json"]\n'
    )
    assert codes("a.json") == ["LC901"]
    assert codes("configs/prod/b.json") == ["LC901", "LC901"]
    assert codes("a.json", "--policy", "model.json") == ["LC901", "LC901"]
    assert codes("a.json", "--policy", "rank.json") == ["LC901"], "one policy counts once"
    os.chdir("configs")
    assert codes("prod/b.json") == ["LC901", "LC901"], "paths are relative to the settings file"
    done = check("--show-settings", "prod/b.json")
    assert f"policy = {json.dumps(['../rank.json', '../model.json'])}" in done.stdout


def test_a_finding_is_known_in_every_format(folder: Path) -> None:
    done = check("a.json", "--select", "LC9", "--policy", "rank.json", "--format", "sarif")
    (result,) = json.loads(done.stdout)["runs"][0]["results"]
    (place,) = result["relatedLocations"]
    assert place["physicalLocation"]["artifactLocation"]["uri"] == "rank.json"
    assert result["locations"][0]["physicalLocation"]["region"]["startLine"] == 4
    full = check("a.json", "--select", "LC9", "--policy", "rank.json").stdout
    assert ":: rank.json:1: the policy" in full and "maximum" not in full
    done = check("a.json", "--select", "LC9", "--policy", "rank.json", "--format", "json")
    (finding,) = json.loads(done.stdout)["findings"]
    schema = json.loads((ROOT / "schemas" / "report.schema.json").read_text("utf-8"))
    Draft202012Validator(schema).validate(json.loads(done.stdout))
    assert [one["path"] for one in finding["related"]] == ["rank.json"]
    for name in ("concise", "agent", "github", "gitlab", "junit", "rdjson"):
        said = check("a.json", "--select", "LC9", "--policy", "rank.json", "--format", name).stdout
        assert "allows at most 64: served" in said, name


def test_a_comment_and_a_baseline_take_a_violation(folder: Path) -> None:
    reason = "# loracheck: ignore[LC901] agreed with serving"
    write("a.yaml", YAML.replace("r: 128", f"r: 128  {reason}"))
    assert codes("a.yaml", "--policy", "rank.json") == []
    write("a.yaml", YAML)
    options = ("--select", "LC9", "--policy", "rank.json")
    assert check("a.yaml", *options, "--write-baseline", "base.json").exit_code == 0
    assert codes("a.yaml", "--policy", "rank.json", "--baseline", "base.json") == []


def test_a_constant_is_shown_where_it_has_its_value(folder: Path) -> None:
    lines = [
        *(
            "from peft import LoraConfig",
            "RANK = 128",
            "MORE = RANK",
            "NAMES = ['q_proj', 'lm_head']",
        ),
        *("KEYS = dict(r=MORE)", "LoraConfig(target_modules=NAMES, **KEYS)", "LoraConfig(r=100)"),
    ]
    write("a.py", "\n".join(lines) + "\n")
    names = {"items": {"enum": ["q_proj"]}}
    fields = {"r": {"maximum": 64}, "target_modules": names, "lora_alpha": {"minimum": 1}}
    policy = write("p.json", {"properties": {"fields": {"properties": fields}}})
    options = ("a.py", "--select", "LC9", "--policy", policy, "--format", "json")
    found = json.loads(check(*options).stdout)["findings"]
    places = [(f["line"], f["column"]) for f in found]
    assert places == [(2, 8), (4, 20), (7, 14)]
    for number in (2, 5):  # where it has its value, and where it is used
        noted = [
            f"{x}  # loracheck: ignore[LC901] why" if i == number - 1 else x
            for i, x in enumerate(lines)
        ]
        write("a.py", "\n".join(noted) + "\n")
        found = json.loads(check(*options).stdout)["findings"]
        assert [f["line"] for f in found] == [4, 7]


BROKEN = [
    ('{"properties": }', "p.json:1:16: "),
    ("[]", "p.json:1:1: a policy is one JSON Schema, a mapping"),
    ({"type": "strng"}, 'p.json:2:10: `type` is "strng", which is no type of JSON Schema'),
    ({"minimum": "64"}, 'p.json:2:13: `minimum` is "64", and must be of type number'),
    ({"$schema": "http://json-schema.org/draft-07/schema#"}, "p.json:2:13: only JSON Schema 2020"),
    (
        {"not": {"maximun": 3}},
        "p.json:3:3: `maximun` is no keyword of JSON Schema; did you mean `m",
    ),
    ({"dependencies": {}}, "p.json:2:2: `dependencies` is a word of older drafts"),
    ({"not": {"$ref": "#/$defs/x"}}, 'p.json:3:11: `$ref` leads nowhere in this file: "#/$defs/x"'),
    ({"$ref": "https://example.org/x.json"}, "(no other file is opened, and nothing is fetched)"),
    ({"$ref": "rank.json"}, "(no other file is opened, and nothing is fetched)"),
    ({"$ref": "#/x-a/0", "x-a": ["text"]}, "leads to what is no schema"),
    ({"$ref": "#/x-a", "x-a": {"maximum": "4"}}, 'p.json:4:14: `maximum` is "4", and must be'),
    ({"pattern": "("}, 'p.json:2:13: "(" is no regular expression of Python: missing )'),
    ({"patternProperties": {"[": {}}}, 'p.json:3:3: "[" is no regular expression of Python'),
    ({"x-severity": "bad"}, "p.json:2:16: `x-severity` is one of note, warning, error"),
    ('{"minimum": 1, "minimum": 2}', "p.json:1:16: the key 'minimum' stands here twice"),
    (
        {"patternProperties": {"(a*)*b": {}}, "unevaluatedProperties": False},
        "may take too long beside unevaluatedProperties",
    ),
    ({"properties": {"r": {"maximum": 3}}}, "p.json:3:3: a setting has no `r`: its `fields` have"),
    (
        {"allOf": [{"properties": {"lora_r": {}}}]},
        "a setting has no `lora_r`: its `fields` have `r`",
    ),
    ({"if": {"properties": {"field": {}}}}, "a setting has no `field`; did you mean `fields`?"),
    (
        {"properties": {"fields": {"properties": {"lora_rank": {}}}}},
        "is a tool's name: `fields` has",
    ),
    ({"properties": {"config": {"properties": {"lora_alfa": {}}}}}, "did you mean `lora_alpha`?"),
    ({"properties": {"effect": {"properties": {"reech": {}}}}}, "`effect` has no `reech`; did you"),
    (
        {"properties": {"engines": {"properties": {"vlm": {}}}}},
        "p.json:5:5: `engines` has no `vlm`",
    ),
]


@pytest.mark.parametrize(("policy", "said"), BROKEN, ids=lambda value: str(value)[:40])
def test_a_broken_policy_is_status_2_with_its_place(policy: Any, said: str, folder: Path) -> None:
    done = check("a.json", "--policy", write("p.json", policy), "--exit-zero")
    assert done.exit_code == 2
    assert said in done.stderr, done.stderr
    write("loracheck.toml", '[policies]\n"nowhere/**" = "p.json"\n')
    assert check("a.json").exit_code == 2, "also where no file meets the pattern"


def test_a_policy_that_is_not_there_or_no_policy(folder: Path) -> None:
    assert check("a.json", "--policy", "nowhere.json").exit_code == 2
    assert "nowhere.json: cannot be read: No such file" in check("--policy", "nowhere.json").stderr
    write("policy.py", "")
    assert "policy.py: a policy is a file of .json, " in check("--policy", "policy.py").stderr
    write("many.json", {"allOf": [{"type": "x"}] * 50})
    assert check("--policy", "many.json").stderr.count("many.json:") == MAX_PROBLEMS + 1
    (folder.parent / "outside.json").write_text(json.dumps(RANK))
    (folder / "link.json").symlink_to("../outside.json")
    assert "symbolic link that leaves the repository" in check("--policy", "link.json").stderr


@pytest.mark.parametrize(
    ("policy", "said"),
    [
        ({"$ref": "#"}, "its references lead in a circle"),
        ({"allOf": [{"not": {"$ref": "#"}}]}, "its references lead in a circle"),
        (
            {
                "$ref": "#/$defs/0",
                "$defs": {
                    **{str(n): {"allOf": [{"$ref": f"#/$defs/{n + 1}"}] * 2} for n in range(40)},
                    "40": {},
                },
            },
            "it was stopped after too many steps",
        ),
    ],
)
def test_a_policy_without_end_is_status_2(policy: Any, said: str, folder: Path) -> None:
    done = check("a.json", "--policy", write("p.json", policy), "--exit-zero")
    assert done.exit_code == 2
    assert f"error: p.json: a.json cannot be judged by it: {said}" in done.stderr
    assert check("a.json", "--policy", "p.json", "--ignore", "LC9").exit_code != 2


def test_an_expression_is_matched_in_bounded_time(folder: Path) -> None:
    long = {**CONFIG, "target_modules": ["a" * 60 + "!", "q_proj"]}
    write("long.json", long)
    names = {"items": {"pattern": "^(a+)+$|_proj"}}
    policy = write("p.json", {"properties": {"fields": {"properties": {"target_modules": names}}}})
    done = check("long.json", "--select", "LC9", "--policy", policy)
    assert done.exit_code == 1, done.output
    assert "which does not match the policy's" in done.stdout


def test_yaml_and_toml_and_text_that_looks_filled_in(folder: Path) -> None:
    write(
        "p.yaml", "properties:\n  model: {pattern: '^\\$\\{|^Qwen/', description: '{{ ours }}'}\n"
    )
    write("p.toml", "[properties.fields.properties.r]\nmaximum = 64\n")
    assert codes("a.json", "--policy", "p.yaml") == []
    assert codes("a.json", "--policy", "p.toml") == ["LC901"]
    write("b.json", {**CONFIG, "base_model_name_or_path": "meta-llama/Llama-3.1-8B"})
    said = check("b.json", "--select", "LC9", "--policy", "p.yaml").stdout
    assert "{{ ours }}" in said


def test_one_branch_of_a_choice_speaks_for_it(folder: Path) -> None:
    choice = {"anyOf": [{"const": "all-linear"}, {"type": "array", "items": {"enum": ["q_proj"]}}]}
    policy = write("p.json", {"properties": {"fields": {"properties": {"target_modules": choice}}}})
    said = check("a.json", "--select", "LC9", "--policy", policy, "--format", "concise").stdout
    assert said.startswith(
        "a.json:8:3: LC901 error[policy-violated]: the policy does not allow `v_pro"
    )


CASES = sorted(
    path
    for folder in ("examples", "tests/tools/cases", "tests/fixes/cases")
    for path in (ROOT / folder).rglob("*")
    if path.suffix in (".json", ".yaml", ".py", ".sh", ".toml") and "expected" not in path.name
)


def test_every_normal_form_is_as_its_schema_says() -> None:
    schema = Draft202012Validator(setting_schema.build_setting_schema())
    settings = 0
    for path in CASES:
        done = CliRunner().invoke(cli, ["explain", str(path), "--format", "setting"])
        if done.exit_code:
            continue
        for one in json.loads(done.stdout):
            schema.validate(one["setting"])
            settings += 1
    assert settings > 100


def test_names_that_may_be_keys_are_no_fault(folder: Path) -> None:
    forbidden = {"lora_r": False, "rank": False}
    fields = {"properties": {**forbidden, "a_field_of_tomorrow": {"const": 1}}}
    inner = {"properties": {"rank_pattern": {"properties": {"rank": {}}}}}  # a module's name
    assert codes("a.json", "--policy", write("p.json", {"properties": {"fields": fields}})) == []
    assert codes("a.json", "--policy", write("p.json", {"properties": {"fields": inner}})) == []


def test_the_schema_names_every_key() -> None:
    assert tuple(setting_schema.build_setting_schema()["properties"]) == PARTS
    effect = setting_schema.build_setting_schema()["properties"]["effect"]["properties"]
    assert tuple(effect) == normal_setting.EFFECT


def test_tools_said_to_tell_the_quantisation_read_it() -> None:
    telling = {tool.name for tool in list_all_tools() if tool.tells_quantization}
    assert len(telling) > 6
    for name in telling:
        source = Path(str(import_tool(name).__file__)).read_text("utf-8")
        assert "setting.quantization = " in source, name


def test_the_normal_form_is_printed_with_what_is_not_known(folder: Path) -> None:
    write(
        "a.py", "import sys\nfrom peft import LoraConfig\nLoraConfig(r=int(sys.argv[1]), **more)\n"
    )
    done = CliRunner().invoke(cli, ["explain", "a.py", "--format", "setting"])
    (one,) = json.loads(done.stdout)
    assert {"fields.r", "fields.*", "model", "effect.reach"} <= set(one["unknown"])
    assert one["setting"]["fields"] == {}
    done = CliRunner().invoke(cli, ["explain", "a.json", "--format", "setting"])
    effect = json.loads(done.stdout)[0]["setting"]["effect"]
    assert effect["ranks"] == [128] and effect["targeted"] == 56
    assert CliRunner().invoke(cli, ["explain", "no.json", "--format", "setting"]).exit_code == 2


def test_what_is_not_set_has_the_default_of_the_release(folder: Path) -> None:
    config = {key: value for key, value in CONFIG.items() if key not in ("r", "lora_alpha")}
    write("a.json", config)
    rank = {"properties": {"config": {"properties": {"r": {"minimum": 16}}}}}
    policy = write("p.json", rank)
    done = check("a.json", "--select", "LC9", "--policy", policy, "--format", "json")
    (finding,) = json.loads(done.stdout)["findings"]
    assert finding["message"] == "`r` is 8, and the policy wants at least 16"
    assert finding["notes"] == ["the setting leaves `r` to PEFT's default"]
    write("b.py", "from peft import LoraConfig\nLoraConfig(target_modules=['q_proj'], **more)\n")
    assert codes("b.py", "--policy", policy) == [], "`more` may set it"
    bias = {"config": {"required": ["lora_bias"], "properties": {"lora_alpha": {"const": 8}}}}
    policy = write("q.json", {"properties": bias})
    assert codes("a.json", "--policy", policy) == []
    assert codes("a.json", "--policy", policy, "--peft", "0.13") == ["LC901"], "it came with 0.14"
    assert codes("a.json", "--policy", policy, "--peft", "0.3") == ["LC901", "LC901"]


def test_a_tool_with_layers_of_its_own_has_no_config(folder: Path) -> None:
    write(
        "litgpt.yaml", "checkpoint_dir: checkpoints/Qwen/Qwen2.5-7B\nlora_r: 4\nlora_query: true\n"
    )
    done = CliRunner().invoke(cli, ["explain", "litgpt.yaml", "--format", "setting"])
    (one,) = json.loads(done.stdout)
    assert one["setting"]["config"] == {} and "config.r" in one["unknown"]


def test_a_whole_setting_is_not_quoted_and_a_forbidden_key_is_told_as_one(folder: Path) -> None:
    small = {"properties": {"fields": {"properties": {"r": {"maximum": 8}}}}}
    policy = write("p.json", {"anyOf": [small, {"properties": {"model": {"const": "x"}}}]})
    done = check("a.json", "--select", "LC9", "--policy", policy, "--format", "concise")
    assert "the setting meets none of the policy's alternatives" in done.stdout
    keys = {"propertyNames": {"enum": ["r", "lora_alpha", "target_modules"]}}
    policy = write("q.json", {"properties": {"fields": keys}})
    write("run.sh", "trl sft --model_name_or_path Qwen/Qwen2.5-7B --use_peft --dataset_name a/b\n")
    options = ("run.sh", "--select", "LC9", "--policy", policy, "--format", "json")
    found = json.loads(check(*options).stdout)["findings"]
    (dora,) = [one for one in found if "`use_dora`" in one["message"]]
    assert dora["message"] == "the policy does not allow `use_dora` to be set"
    assert dora["notes"] == ["trl sets `use_dora` by itself"]
