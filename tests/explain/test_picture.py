"""The coverage map and the page: what they show is the Effect, and nothing comes from elsewhere."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from loracheck.cli import cli
from loracheck.explain.file.assess_file import assess_file
from loracheck.explain.file.impact import Impact
from loracheck.explain.html.coverage_map import render_svg
from loracheck.explain.html.elements import build_element, serialize
from loracheck.explain.html.page import render_html
from loracheck.explain.html.rank_colours import STEPS, get_rank_step
from loracheck.explain.html.tables import build_coverage, build_modules
from loracheck.options.lint_settings import LintSettings
from loracheck.rules import list_all_rules
from tests.builds import REMEMBERED

ALL = LintSettings(frozenset(rule.code for rule in list_all_rules()), trees=REMEMBERED)
EXAMPLES = Path(__file__).parents[2] / "examples"
SVG = "{http://www.w3.org/2000/svg}"
CONFIGS = {
    "towers": {
        "base_model_name_or_path": "llava-hf/llava-1.5-7b-hf",
        "target_modules": ["q_proj", "v_proj", "fc1"],
        "rank_pattern": {"layers.(0|1|2|3).self_attn.q_proj": 64},
        "modules_to_save": ["lm_head"],
    },
    "experts": {
        "base_model_name_or_path": "Qwen/Qwen3-30B-A3B",
        "target_modules": ["q_proj"],
        "target_parameters": ["mlp.experts.down_proj"],
        "layers_to_transform": [0, 1, 47],
    },
    "refused": {"base_model_name_or_path": "Qwen/Qwen2.5-7B", "target_modules": ["nothing"]},
    "unknown model": {"base_model_name_or_path": "nobody/nothing", "target_modules": ["q_proj"]},
}


def _impact(tmp_path: Path, config: dict[str, object]) -> Impact:
    path = tmp_path / "adapter_config.json"
    path.write_text(json.dumps({"peft_type": "LORA", "r": 8, **config}), encoding="utf-8")
    (found,) = assess_file(str(path), ALL)
    return found


@pytest.fixture(params=list(CONFIGS))
def impact(request: pytest.FixtureRequest, tmp_path: Path) -> Impact:
    return _impact(tmp_path, CONFIGS[request.param])


def test_the_map_has_a_cell_for_every_module_of_every_layer(impact: Impact) -> None:
    drawn = [
        title.text for title in ElementTree.fromstring(render_svg(impact)).iter(f"{SVG}title")
    ][1:]
    wanted = [
        f"layer {layer}, {line.name}"
        for stack in impact.stacks
        for line in stack.lines
        for layer, cell in zip(stack.layers, line.cells, strict=True)
        if cell is not None
    ]
    inside = [text.partition(": ")[0] for text in drawn if text and text.startswith("layer ")]
    assert inside == wanted
    assert len(drawn) - len(inside) == sum(row.stack is None for row in impact.rows)


def test_the_colours_of_the_map_are_the_ranks(tmp_path: Path) -> None:
    root = ElementTree.fromstring(render_svg(_impact(tmp_path, CONFIGS["towers"])))
    cells = {
        group.findtext(f"{SVG}title"): [box.get("class") for box in group.iter(f"{SVG}rect")]
        for group in root.iter(f"{SVG}g")
    }
    assert cells["layer 3, self_attn.q_proj: rank 64"] == ["r4"]
    assert cells["layer 4, self_attn.q_proj: rank 8"] == ["r1"]
    assert cells["layer 4, self_attn.k_proj: untouched"] == ["off"]
    assert cells["lm_head: trained in full"] == ["full"]
    words = [text.text for text in root.iter(f"{SVG}text")]
    assert {"rank 8", "rank 64", "trained in full", "untouched"} <= set(words)


def test_nothing_is_drawn_beyond_the_sheet(impact: Impact) -> None:
    root = ElementTree.fromstring(render_svg(impact))
    _, _, width, height = map(float, str(root.get("viewBox")).split())
    for box in root.iter(f"{SVG}rect"):
        assert 0 <= float(box.get("x", 0)) <= float(box.get("x", 0)) + float(box.get("width", 0))
        assert float(box.get("x", 0)) + float(box.get("width", 0)) <= width
        assert float(box.get("y", 0)) + float(box.get("height", 0)) <= height


class _Reader(HTMLParser):
    """Collects what could load something, and checks that tags close in order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.words = ""
        self.loads: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.loads += [f"{tag} {n}" for n, _ in attrs if n in ("src", "href", "xlink:href")]
        if tag in ("script", "link", "img", "iframe"):
            self.loads.append(tag)
        if tag not in ("meta", "wbr"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.words += data


def _read(page: str) -> _Reader:
    reader = _Reader()
    reader.feed(page)
    reader.close()
    assert not reader.open
    return reader


def test_the_page_loads_nothing_and_tells_all(impact: Impact) -> None:
    page = render_html([impact], impact.path)
    reader = _read(page)
    assert reader.loads == []
    assert "url(" not in page
    assert "@import" not in page
    for finding in impact.findings:
        assert finding.message.replace("`", "") in reader.words
    for row in impact.rows:
        assert row.below in reader.words
    for stack in impact.stacks:
        assert stack.name in reader.words
    if impact.trainable is not None:
        assert f"{impact.trainable:,} of {impact.total:,}" in reader.words
    if impact.refusal is not None:
        assert impact.refusal.message in reader.words


def test_the_table_of_kinds_has_every_row_under_its_layers(impact: Impact) -> None:
    page = ElementTree.fromstring(serialize(build_modules(impact)))
    titles: dict[str, list[str]] = {}
    for line in page.iter("tr"):
        cells = ["".join(cell.itertext()) for cell in line]
        if line.get("class") == "stack":
            titles[cells[0]] = []
        elif titles:
            titles[list(titles)[-1]].append(cells[0])
    for stack in impact.stacks:
        (own,) = (names for title, names in titles.items() if title.startswith(f"{stack.name}, "))
        assert own == [row.below for row in impact.rows if row.stack == stack.name]
    assert sum(map(len, titles.values())) == len(impact.rows)


def test_a_bar_shows_lora_and_what_trains_in_full_apart(tmp_path: Path) -> None:
    found = _impact(tmp_path, CONFIGS["towers"])
    for line, part in zip(
        list(build_coverage(found.components).iter("tr"))[1:], found.components, strict=True
    ):
        drawn = {box.get("class"): float(str(box.get("width"))) for box in line.iter("rect")}
        assert ("lora" in drawn) is bool(part.adapted)
        assert ("full" in drawn) is bool(part.saved)
        reached = drawn.get("lora", 0) + drawn.get("full", 0)
        assert reached == pytest.approx(100 * part.share, abs=1)


def test_the_scaling_shown_is_the_one_of_most_modules(tmp_path: Path) -> None:
    config = {"target_modules": "all-linear", "rank_pattern": {"q_proj": 64}, "lora_alpha": 16}
    found = _impact(tmp_path, {"base_model_name_or_path": "Qwen/Qwen2.5-7B", **config})
    words = _read(render_html([found], "a.json")).words
    assert "Scaling2lora_alpha / r = 16 / 8; 0.25 for other modules" in words


def test_a_file_without_settings_is_a_page_as_well() -> None:
    assert "sets no LoRA up" in _read(render_html([], "nothing.json")).words


@pytest.mark.parametrize("example", sorted(EXAMPLES.iterdir()), ids=lambda path: path.name)
def test_every_example_has_its_page(example: Path) -> None:
    found = assess_file(str(example), ALL)
    accepted = sum(one.judged and one.refusal is None for one in found)
    assert _read(render_html(found, str(example))).words.count("the head left out") == accepted


HOSTILE = "<script>alert(1)</script><img src=x onerror=y>\u0000\x1b\"'&"


def test_words_of_the_file_stay_words(tmp_path: Path) -> None:
    found = _impact(
        tmp_path,
        {"base_model_name_or_path": f"a/{HOSTILE}", "target_modules": [HOSTILE], HOSTILE: HOSTILE},
    )
    assert _read(render_html([found], HOSTILE)).loads == []
    assert ElementTree.fromstring(render_svg(found)) is not None


@given(st.text())
def test_any_text_can_be_written(text: str) -> None:
    shown = ElementTree.fromstring(serialize(build_element("p", text, title=text)))
    for words in (shown.text or "", shown.attrib["title"]):
        assert len(words) == len(text)
        for one, other in zip(words, text, strict=True):
            assert one in (other, "\ufffd") or (one.isspace() and other.isspace())
            assert one == other or not other.isprintable()


def test_a_rank_s_step_rises() -> None:
    found = [get_rank_step(rank) for rank in range(1, 300)]
    assert found == sorted(found)
    assert set(found) == set(range(len(STEPS) + 1))


def _channel(value: int) -> float:
    part = value / 255
    return part / 12.92 if part <= 0.03928 else float(((part + 0.055) / 1.055) ** 2.4)


def _contrast(first: str, second: str) -> float:
    """Contrast of two colours (WCAG 2.1, 1.4.3), 1 to 21."""
    shades = []
    for colour in (first, second):
        red, green, blue = (_channel(int(colour[i : i + 2], 16)) for i in (1, 3, 5))
        shades.append(0.2126 * red + 0.7152 * green + 0.0722 * blue)
    return (max(shades) + 0.05) / (min(shades) + 0.05)


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_text_can_be_read_on_its_ground(scheme: int) -> None:
    css = files("loracheck.explain.html").joinpath("page.css").read_text(encoding="utf-8")
    block = re.findall(r":root \{(.*?)\}", css, re.DOTALL)[scheme]
    colours = dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", block))
    for ground in ("ground", "sheet"):
        for ink in ("ink", "soft", "error", "warning", "note"):
            assert _contrast(colours[ink], colours[ground]) >= 4.5, (ink, ground)


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_cells_stand_out_from_untouched_ones(scheme: int) -> None:
    css = files("loracheck.explain.html").joinpath("map.css").read_text(encoding="utf-8")
    block = css.split("@media")[scheme]
    fills = dict(re.findall(r"\.(\w+) \{ fill: (#[0-9a-f]{6})", block))
    steps = [_contrast(fills[f"r{i}"], fills["off"]) for i in range(len(STEPS) + 1)]
    assert steps == sorted(steps)
    assert min(_contrast(fills["full"], fills["off"]), steps[0]) > 1.25


def _run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["explain", *arguments])


def test_the_command_writes_a_page_and_a_map(tmp_path: Path) -> None:
    page, picture = tmp_path / "out.html", tmp_path / "out.svg"
    file = str(EXAMPLES / "mixtral_experts.py")
    done = _run(file, "--html", str(page), "--svg", str(picture))
    assert done.exit_code == 0, done.output
    found = assess_file(file, ALL)
    assert page.read_text(encoding="utf-8") == render_html(found, file)
    assert picture.read_text(encoding="utf-8") == render_svg(found[0])


@pytest.mark.parametrize(
    ("topics", "why"),
    [
        (("LC202",), "one config file"),
        (("a.json", "b.json"), "one config file"),
        ((str(Path(__file__)),), "sets no LoRA up"),
    ],
)
def test_pictures_are_of_config_files(tmp_path: Path, topics: tuple[str, ...], why: str) -> None:
    done = _run(*topics, "--svg", str(tmp_path / "out.svg"))
    assert done.exit_code == 2
    assert why in done.stderr


def test_a_picture_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    done = _run(str(EXAMPLES / "qwen2_clean.json"), "--svg", str(tmp_path / "no" / "out.svg"))
    assert done.exit_code == 2
    assert "cannot be written" in done.stderr
