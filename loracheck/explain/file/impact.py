"""`Impact`: everything that a setting does to its model, as one value.

Every number of a report is worked out in `assess_setting.py` or the modules beside: rows (kinds of
modules), coverage, the map of layers, size on disk, memory. Text, HTML and JSON only show it.
"""

from __future__ import annotations

from loracheck.explain.numbers.memory import Memory
from loracheck.named_tuple import NamedTuple
from loracheck.plan.result.adapter_size import AdapterSize
from loracheck.type_checking import TYPE_CHECKING

from .coverage import Component
from .entries import (
    Addition,
    AssumedDefault,
    Entry,
    Value,
)
from .layer_map import LayerStack
from .module_rows import ModuleRow
from .serving import EngineVerdict

if TYPE_CHECKING:
    from loracheck.findings import Finding


INVALID_CONFIG = "LoraConfig itself refuses the values"
"""`Impact.reason` where LoraConfig's own constructor raises, so that there is nothing to plan."""

OTHER_LAYERS = "PEFT would refuse it; what the tool's own LoRA layers make of it is not known"
OWN_CHOICE = "the tool's own filters choose"
"""How `Impact.reason` begins for a tool that chooses the layers for its LoRA layers itself."""

OTHER_LAYERS_INVALID = "a value that LoRA layers cannot have; see the findings"
"""`Impact.reason` for a tool that puts LoRA layers of its own where PEFT would put its."""


class Refusal(NamedTuple):
    """The error that PEFT would raise. `stage` is the step that raises it; from "wrapping" on the
    model is left half changed.
    """

    exception: str
    message: str
    field: str | None
    module: str | None
    stage: str


class FullModules(NamedTuple):
    """Modules trained and saved in full through one entry. `automatic`: PEFT added the entry."""

    name: str
    modules: int
    parameters: int
    entry: str
    automatic: bool
    tied: bool


class TokenRows(NamedTuple):
    """Single rows of an embedding that train (trainable_token_indices)."""

    name: str
    indices: int
    parameters: int
    tied: bool


class Scaling(NamedTuple):
    """The factor on the update of some modules, and how it comes about ("alpha / r = 32 / 16")."""

    rank: int
    alpha: float
    scaling: float
    formula: str
    modules: int


class Impact(NamedTuple):
    """What one setting does.

    `path`, `line`, `dialect`: where it stands and whose file it is. `model` is the base model as
    written, `model_type`, `cls`, `source` and `transformers` tell the tree; `judged` is False where
    there is none, with `reason` and `help`. `counted` is False where the model is known by its
    names alone, without the number of its layers: `matched` of entries then only tells some from
    none. `peft` is the release whose behaviour this is.
    `refusal` is PEFT's error; then rows tell the model alone. `rows` are all kinds of modules that
    LoRA can wrap and whatever is trained, in the model's order; `components` and `stacks` are the
    same by part and by layer, `streams` by the way through a model of diffusers (image, text,
    time). `entries` tell what each entry of the config reached, `added` what
    nobody wrote, `assumed` what is only an option's default, `scalings` the factors on the updates,
    `full` and `tokens` what trains beside LoRA. `linear_reached` of `linear_layers` (the head left
    out) are adapted. Counts are None where nothing was judged, or where a value they rest on is
    unknown (`unknown`). `resumed` is the number that would train with inference_mode off, None
    where it is off; memory is told of that. `warnings` are PEFT's own; `findings` loracheck's;
    `served` what engines make of it (None where PEFT refuses it).
    """

    path: str
    line: int
    dialect: str
    model: str | None
    model_type: str | None
    cls: str | None
    source: str | None
    transformers: str | None
    peft: str
    judged: bool
    counted: bool
    reason: str | None
    help: str | None
    refusal: Refusal | None
    values: tuple[Value, ...]
    assumed: tuple[AssumedDefault, ...]
    added: tuple[Addition, ...]
    rows: tuple[ModuleRow, ...]
    components: tuple[Component, ...]
    streams: tuple[Component, ...]
    stacks: tuple[LayerStack, ...]
    entries: tuple[Entry, ...]
    scalings: tuple[Scaling, ...]
    full: tuple[FullModules, ...]
    tokens: tuple[TokenRows, ...]
    targeted: int | None
    linear_reached: int | None
    linear_layers: int
    trainable: int | None
    total: int | None
    resumed: int | None
    disk: AdapterSize | None
    memory: Memory | None
    unknown: tuple[str, ...]
    warnings: tuple[str, ...]
    findings: tuple[Finding, ...]
    served: tuple[EngineVerdict, ...] | None

    @property
    def share(self) -> float | None:
        """Trainable parameters over all parameters, 0 to 1."""
        if self.trainable is None or not self.total:
            return None
        return self.trainable / self.total
