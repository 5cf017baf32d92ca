"""`check`, `explain` and `tree`: what goes in, what comes out, which errors."""

from __future__ import annotations

import json
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import loracheck
from loracheck.api.config_source import find_config
from loracheck.api.config_text import write_keywords
from loracheck.documents import read
from loracheck.options.errors import OptionError
from tests.examples import examples
from tests.plan.trees import SMALL

ROOT = Path(__file__).parents[2]
QWEN = "Qwen/Qwen2.5-7B"
KEYWORDS = {"r": 8, "lora_alpha": 16, "target_modules": ["q_proj", "gate_porj"]}
SAVED = {"peft_type": "LORA", "base_model_name_or_path": QWEN, **KEYWORDS}
YAML = f"""base_model: {QWEN}
adapter: lora
lora_r: 8
lora_alpha: 16
lora_target_modules: [q_proj, gate_porj]
"""
TOML = f"""base_model_name_or_path = "{QWEN}"
r = 8
lora_alpha = 16
target_modules = ["q_proj", "gate_porj"]
"""
CALL = f"""from peft import LoraConfig
LoraConfig(r=8, lora_alpha=16, target_modules=["q_proj", "gate_porj"],
    base_model_name_or_path="{QWEN}")
"""


def codes(report: loracheck.Report) -> list[str]:
    return [finding.code for finding in report.findings if finding.severity != "note"]


@pytest.mark.parametrize(
    ("config", "dialect"),
    [
        (SAVED, "peft-adapter"),
        ({**KEYWORDS, "base_model_name_or_path": QWEN}, "generic"),
        ({**SAVED, "target_modules": {"q_proj", "gate_porj"}}, "peft-python"),
        ({**SAVED, "target_modules": ("q_proj", "gate_porj")}, "peft-adapter"),
        (json.dumps(SAVED), "generic"),
        (YAML, "axolotl"),
        (TOML, "generic"),
        (CALL, "peft-python"),
        (CALL.split("\n", 1)[1].replace("\n", ""), "peft-python"),
    ],
)
def test_every_form_of_a_config_gets_the_same_verdict(config: Any, dialect: str) -> None:
    report = loracheck.check(config)
    assert codes(report) == ["LC202"]
    (setting,) = report.settings
    assert (setting.targeted_modules, setting.trainable_parameters) == (28, 1605632)
    if dialect != "generic":
        assert setting.dialect == dialect
    assert report.plan is not None
    assert {e.entry: e.effect for e in report.plan.reach} == {"q_proj": 28, "gate_porj": 0}
    assert not report.ok


def test_a_path_a_folder_and_the_settings_file_above(tmp_path: Path) -> None:
    path = tmp_path / "adapter_config.json"
    path.write_text(json.dumps(SAVED))
    for config in (path, str(path), tmp_path, str(tmp_path)):
        assert codes(loracheck.check(config)) == ["LC202"]
    assert codes(loracheck.check(path, select="LC1")) == []
    assert codes(loracheck.check(path, select=["LC202", "LC1"])) == ["LC202"]
    (tmp_path / "loracheck.toml").write_text('ignore = ["LC202"]\n')
    assert codes(loracheck.check(path)) == []
    assert codes(loracheck.check(path.read_text(), name="adapter_config.json")) == ["LC202"]


def test_weights_beside_a_folder_count(tmp_path: Path) -> None:
    (tmp_path / "adapter_config.json").write_text(json.dumps(SAVED))
    (tmp_path / "adapter_model.safetensors").write_bytes(b"nothing")
    assert "LC601" in codes(loracheck.check(tmp_path))


def test_a_model_in_every_form(tmp_path: Path) -> None:
    tree = loracheck.tree(QWEN)
    assert isinstance(tree, loracheck.ModuleTree)
    by_tree = loracheck.check(KEYWORDS, tree)
    assert by_tree.settings[0].trainable_parameters == 1605632
    assert by_tree.settings[0].tree_source == "the tree that was given"
    small = loracheck.check({"r": 2, "target_modules": ["q_proj"]}, SMALL)
    assert small.plan is not None and small.plan.trainable == 12 * 2 * (8 + 8)


def test_a_model_s_values_are_built() -> None:
    pytest.importorskip("transformers")
    values = {
        "model_type": "bert",
        "hidden_size": 32,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "intermediate_size": 64,
        "vocab_size": 99,
    }
    tree = loracheck.tree(values, heads="SequenceClassification", num_labels=7)
    node = tree.find("classifier")
    assert node is not None and node.parameters[0].shape == (7, 32)
    report = loracheck.check({"r": 2, "task_type": "SEQ_CLS", "target_modules": ["query"]}, values)
    assert codes(report) == []
    assert report.plan is not None and report.plan.targeted == 2
    saved = [entry.entry for entry in report.plan.reach if entry.field == "modules_to_save"]
    assert "classifier" in saved


def tags(page: str) -> list[str]:
    """The elements that a browser sees."""
    found: list[str] = []
    parser = HTMLParser()
    parser.handle_starttag = lambda tag, attributes: found.append(tag)  # type: ignore[method-assign]
    parser.feed(page)
    return found


def test_the_report(tmp_path: Path) -> None:
    report = loracheck.check(SAVED)
    assert str(report) == report.render("full")
    assert json.loads(report.to_json())["findings"][0]["code"] == "LC202"
    assert "<svg" in report.to_html() and "gate_porj" in report.to_html()
    shown = report._repr_html_()
    assert tags(shown) == ["iframe"] and "gate_porj" in shown
    assert repr(report) == "<Report of adapter_config.json: 0 notes, 1 warnings, 0 errors>"
    report.raise_for_errors()
    with pytest.raises(loracheck.ConfigError, match="gate_porj") as raised:
        report.raise_for_errors("warning")
    assert raised.value.report is report
    for wrong in (lambda: report.raise_for_errors("bad"), lambda: report.render("pdf")):  # type: ignore[arg-type]
        with pytest.raises(ValueError, match="not"):
            wrong()


def test_rich_prints_the_report_as_it_is() -> None:
    rich = pytest.importorskip("rich.console")
    console = rich.Console(width=200, record=True, file=open("/dev/null", "w"))  # noqa: SIM115
    console.print(loracheck.check(SAVED))
    assert "warning[LC202] target-entry-dead" in console.export_text()


def test_a_config_without_a_model_or_a_setting() -> None:
    without = loracheck.check({"r": 8, "target_modules": ["q_proj"]})
    assert without.plan is None and without.ok
    assert not without.settings[0].judged
    nothing = loracheck.check("a: 1\nb: 2\n")
    assert nothing.settings == () and nothing.plans == () and nothing.ok
    assert nothing._repr_html_().startswith("<pre>")
    with pytest.raises(ValueError, match="sets no LoRA up"):
        loracheck.explain("a: 1\nb: 2\n").to_svg()


def test_a_broken_text_is_a_finding() -> None:
    report = loracheck.check('{"r": ')
    assert codes(report) == ["LC001"]
    with pytest.raises(loracheck.ConfigError):
        report.raise_for_errors()


def test_engines() -> None:
    config = {**SAVED, "use_dora": True, "target_modules": ["q_proj"]}
    assert any(c.startswith("LC5") for c in codes(loracheck.check(config, serve="vllm")))
    assert not any(c.startswith("LC5") for c in codes(loracheck.check(config)))


def itself() -> dict[str, Any]:
    found: dict[str, Any] = {"r": 8}
    found["target_modules"] = [found]
    return found


@pytest.mark.parametrize(
    ("arguments", "options", "error", "says"),
    [
        (("no_such_file.yaml",), {}, FileNotFoundError, "no_such_file"),
        ((Path("no_such_file.yaml"),), {}, FileNotFoundError, "no_such_file"),
        ((3,), {}, TypeError, "no int"),
        ((None,), {}, TypeError, "no NoneType"),
        ((KEYWORDS, 3), {}, TypeError, "no int"),
        ((KEYWORDS, "no/such-model"), {}, loracheck.ModelError, "no/such-model"),
        ((KEYWORDS, {"hidden_size": 3}), {}, loracheck.ModelError, "no model_type"),
        (({"r": 8, 3: 4},), {}, ValueError, "no keyword"),
        ((itself(),), {}, ValueError, "nested deeper"),
        ((KEYWORDS,), {"peft": "new"}, OptionError, "new"),
        ((KEYWORDS,), {"serve": "nobody"}, OptionError, "nobody"),
        ((KEYWORDS,), {"select": "XY1"}, OptionError, "XY1"),
        (("a: 1\n",), {"name": "x.txt"}, ValueError, "suffixes"),
    ],
)
def test_what_makes_no_sense_is_an_exception(
    arguments: tuple[Any, ...], options: dict[str, Any], error: type[Exception], says: str
) -> None:
    with pytest.raises(error, match=says):
        loracheck.check(*arguments, **options)


def test_a_tree_that_cannot_be_had() -> None:
    with pytest.raises(loracheck.ModelError, match="not bundled"):
        loracheck.tree("no/such-model")
    with pytest.raises(TypeError):
        loracheck.tree(None)


def test_explain_is_a_function_whatever_is_imported_first() -> None:
    """The room of that name is put into the package by Python itself."""
    code = "import loracheck\n{}assert loracheck.explain({!r}, {!r}).impacts[0].targeted == 28\n"
    for before in ("", "import loracheck.explain.rule\n", "loracheck.explain\n"):
        script = code.format(before, KEYWORDS, QWEN)
        done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True)
        assert done.returncode == 0, done.stderr.decode()


def test_the_import_costs_nothing() -> None:
    code = "import sys, loracheck; print(*sorted(n for n in sys.modules if n.startswith('lora')))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    names = ["lazy_names", "type_checking", "version"]
    assert done.stdout.split() == ["loracheck", *(f"loracheck.{name}" for name in names)]


def test_a_check_loads_nothing_heavy_and_every_name_is_there() -> None:
    code = f"""
import sys, loracheck
loracheck.check({SAVED!r})
print(*sorted({{name.partition(".")[0] for name in sys.modules}}))
for name in loracheck.__all__:
    assert getattr(loracheck, name) is not None
assert set(loracheck.__all__) <= set(dir(loracheck))
try:
    loracheck.no_such_name
except AttributeError as error:
    assert "no_such_name" in str(error)
else:
    raise AssertionError
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    heavy = {"torch", "peft", "transformers", "pydantic", "click", "yaml", "rich"}
    assert not heavy & {*done.stdout.split()}


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@examples(200)
@given(st.dictionaries(st.from_regex(r"[a-z_]{1,8}", fullmatch=True), PLAIN, max_size=5))
def test_what_is_written_is_read_back(keywords: dict[str, Any]) -> None:
    """Of any keywords: the document of the call has the values, NaN and infinity as unknown."""
    import keyword
    import math

    keywords = {name: value for name, value in keywords.items() if not keyword.iskeyword(name)}
    (root,) = read("LoraConfig.py", write_keywords(keywords)).roots

    def same(one: Any, two: Any) -> bool:
        if isinstance(one, float) and not math.isfinite(one):
            return True
        if isinstance(one, str):
            return one == two or not one.isprintable() or "{" in one or "$" in one
        if isinstance(one, list):
            return len(one) == len(two) and all(map(same, one, two))
        if isinstance(one, dict):
            return one.keys() == two.keys() and all(same(v, two[k]) for k, v in one.items())
        return type(one) is type(two) and bool(one == two)

    assert same(keywords, root)


def test_a_text_is_told_from_a_path() -> None:
    assert find_config("r: 8\nlora_alpha: 16\n").path == "config.yaml"
    assert find_config("r = 8\nlora_alpha = 16\n").path == "config.toml"
    assert find_config("LoraConfig(r=8)").path == "config.py"
    assert find_config(' {"r": 8}').path == "config.json"
    assert find_config("python train.py \\\n  --lora_r 8\n").path == "config.sh"


def test_policies(tmp_path: Path) -> None:
    rank = {"properties": {"fields": {"properties": {"r": {"maximum": 4}}}}}
    (tmp_path / "rank.json").write_text(json.dumps(rank))
    report = loracheck.check({**SAVED, "target_modules": ["q_proj"]}, policy=tmp_path / "rank.json")
    assert codes(report) == ["LC901"]
