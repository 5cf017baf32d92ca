"""What two settings do differently: modules, ranks, parameters, scaling, memory; not their text."""

from __future__ import annotations

from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

    from loracheck.documents.values import Value
    from loracheck.explain.file.impact import Impact
    from loracheck.explain.file.module_rows import ModuleRow


class Side(NamedTuple):
    """The totals of one of the two settings; None where a figure is not known (all of them where
    the config could not be held against a model). `trainable` is counted with inference_mode off,
    as for training.
    """

    path: str
    line: int
    model: str | None
    cls: str | None
    refusal: str | None
    reason: str | None
    targeted: int | None
    linear_reached: int | None
    linear_layers: int | None
    trainable: int | None
    total: int | None
    saved: int | None
    memory: int | None


class KindSummary(NamedTuple):
    """What one setting does to a kind of module."""

    modules: int
    adapted: int
    saved: int
    layers: tuple[int, ...]
    ranks: tuple[int, ...]
    alphas: tuple[float, ...]
    scalings: tuple[float, ...]
    parameters: int


class KindChange(NamedTuple):
    """A kind of module that the two settings treat differently; None for a setting whose model
    has no such modules.
    """

    name: str
    component: str
    first: KindSummary | None
    second: KindSummary | None


class FieldDifference(NamedTuple):
    """A training field with different values in the two settings."""

    field: str
    first: Any
    second: Any


class Comparison(NamedTuple):
    """The result. `alike` is True where both settings do the same to the same class of model,
    `changes` are the kinds of modules treated differently, `fields` other values that differ;
    `judged` is False where one of the two could not be held against a model, so that modules cannot
    be compared.
    """

    first: Side
    second: Side
    judged: bool
    alike: bool
    changes: tuple[KindChange, ...]
    fields: tuple[FieldDifference, ...]


FIELDS = (
    *("lora_dropout", "init_lora_weights", "use_dora", "use_rslora", "bias", "lora_bias"),
    *("task_type", "trainable_token_indices", "layer_replication", "alora_invocation_tokens"),
    *("use_qalora", "use_bdlora", "kasa_config", "velora_config", "monteclora_config"),
)
"""Fields that act on training and show in no count, or only in part."""

NO_DIFFERENCE = ("base_model_name_or_path", "revision", "auto_mapping", "peft_version", "peft_type")
"""Fields that say where a config comes from, and not what it does."""


def compare(first: Impact, second: Impact) -> Comparison:
    """The comparison of the impacts of two settings."""
    both_judged = first.judged and second.judged
    changes = _compare_kinds(first, second) if both_judged else ()
    fields = _compare_fields(first, second, FIELDS if both_judged else _list_fields())
    sides = _summarize(first), _summarize(second)
    accepted = both_judged and not (first.refusal or second.refusal)
    alike = accepted and not changes and not fields and first.cls == second.cls
    return Comparison(*sides, both_judged, alike, changes, fields)


def _summarize(impact: Impact) -> Side:
    error = impact.refusal
    return Side(
        impact.path,
        impact.line,
        impact.model,
        impact.cls,
        f"{error.exception}: {error.message}" if error else None,
        impact.reason,
        impact.targeted,
        impact.linear_reached,
        impact.linear_layers if impact.judged else None,
        impact.trainable if impact.resumed is None else impact.resumed,
        impact.total,
        impact.disk.parameters if impact.disk else None,
        impact.memory.exact if impact.memory else None,
    )


def _compare_kinds(first: Impact, second: Impact) -> tuple[KindChange, ...]:
    one, two = _summarize_kinds(first), _summarize_kinds(second)
    parts = {row.name: row.component for row in (*second.rows, *first.rows)}
    changes: list[KindChange] = []
    for name in dict.fromkeys([*one, *two]):
        a, b = one.get(name), two.get(name)
        is_trained = any(kind and (kind.adapted or kind.saved) for kind in (a, b))
        if is_trained and a != b:
            changes.append(KindChange(name, parts[name], a, b))
    return tuple(changes)


def _summarize_kinds(impact: Impact) -> dict[str, KindSummary]:
    """The rows by name; rows of one name but several shapes joined."""
    layers = {
        (stack.name, line.name): tuple(
            number
            for number, cell in zip(stack.layers, line.cells, strict=True)
            if cell is not None and cell.adapted
        )
        for stack in impact.stacks
        for line in stack.lines
    }
    rows: dict[str, list[ModuleRow]] = {}
    for row in impact.rows:
        rows.setdefault(row.name, []).append(row)
    return {
        name: KindSummary(
            sum(row.modules for row in summaries),
            sum(row.adapted for row in summaries),
            sum(row.saved for row in summaries),
            layers.get((str(summaries[0].stack), summaries[0].below), ()),
            tuple(sorted({rank for row in summaries for rank in row.ranks})),
            tuple(sorted({alpha for row in summaries for alpha in row.alphas})),
            tuple(sorted({scaling for row in summaries for scaling in row.scalings})),
            sum(row.lora_parameters for row in summaries),
        )
        for name, summaries in rows.items()
    }


def _list_fields() -> tuple[str, ...]:
    """All fields that may make a difference, for settings whose modules are not known."""
    from loracheck.config.field_table import get_lora_fields

    return tuple(name for name in get_lora_fields() if name not in NO_DIFFERENCE)


def _compare_fields(
    first: Impact, second: Impact, names: tuple[str, ...]
) -> tuple[FieldDifference, ...]:
    from loracheck.config.field_table import get_lora_fields

    def get_field_value(impact: Impact, name: str) -> Value:
        values = {v.field: v.value for v in impact.values}
        return values.get(name, get_lora_fields()[name].default)

    pairs = [(name, get_field_value(first, name), get_field_value(second, name)) for name in names]
    return tuple(FieldDifference(name, a, b) for name, a, b in pairs if a != b)
