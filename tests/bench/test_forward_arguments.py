"""The table of what `forward` of transformers' classes cannot take."""

from __future__ import annotations

import json
from pathlib import Path

from bench.files.forward_arguments import group, read_file, write_table
from loracheck.rules.support.decoder_inputs import PATH

SOURCE = b"""
class OneForImageClassification:
    def forward(self, pixel_values, labels=None): ...
class TwoForImageClassification:
    def forward(self, pixel_values, **kwargs): ...
class ThreeForCausalLM:
    def forward(self, input_ids, *, attention_mask=None): ...
class FourForQuestionAnsweringHead:
    def forward(self, states): ...
class Mask2FormerLayer:
    def forward(self, states): ...
"""


def test_the_first_argument_that_a_forward_lacks_is_read() -> None:
    assert list(read_file(SOURCE)) == [
        ("OneForImageClassification", "input_ids"),
        ("ThreeForCausalLM", "inputs_embeds"),
    ]


def test_the_table_is_as_the_script_writes_it() -> None:
    text = Path(PATH).read_text("utf-8")
    table = json.loads(text)
    without = table.pop("without")
    last = {
        cls: (release, argument)
        for release, arguments in without.items()
        for argument, classes in arguments.items()
        for cls in classes
    }
    assert write_table(table, group(last, table["read in"])) == text
