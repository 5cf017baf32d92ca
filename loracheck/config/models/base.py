"""What all the models share: strict value types, and one helper that holds a field's facts.

A model's annotation is what PEFT can work with when it runs, which is not always what PEFT
annotates: `lora_alpha: int` takes floats, a `bool` field takes null, `rank_pattern: Optional[dict]`
does not take null. PEFT's own annotation is kept beside it and held against the installed PEFT by
a test.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import (
    AllowInfNan,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    Strict,
    StrictBool,
    StrictInt,
    StrictStr,
)

from loracheck.named_tuple import NamedTuple
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from loracheck.documents.values import Value

Effect = Literal["raises", "fails", "warns", "silent"]
"""What PEFT does with a bad value: LoraConfig raises; wrapping or running the model fails; a
warning; nothing is said.
"""


def _convert_to_bool(value: Value) -> Value:
    """0 and 1 as the booleans they stand for: PEFT only asks for truth."""
    return bool(value) if type(value) is int and value in (0, 1) else value


Text = StrictStr
Whole = StrictInt
Positive = Annotated[StrictInt, Field(ge=1)]
Number = Annotated[float, Strict(), AllowInfNan(False)]
Flag = Annotated[StrictBool | None, BeforeValidator(_convert_to_bool)]
Names = list[StrictStr]
Index = Annotated[StrictInt, Field(ge=0)]
Tokens = Annotated[list[Index], Strict()]


class Typical(NamedTuple):
    """The range that is used in practice. Outside of it is unusual, not wrong."""

    low: float | None
    high: float | None
    text: str
    source: str


class Model(BaseModel):
    """Base of every model: an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", protected_namespaces=())


def describe_field(
    default: object,
    help: str,
    *,
    since: str,
    peft: str,
    effect: Effect = "silent",
    outcome: str = "",
    typical: Typical | None = None,
    examples: tuple[Any, ...] = (),
    choices_since: dict[str, str] | None = None,
    source: str = "PEFT 0.21.2, tuners/lora/config.py",
    internal: bool = False,
) -> Any:
    """A field's facts.

    `since` is the first PEFT release that has the field, `peft` PEFT's own annotation, `effect` and
    `outcome` what a value of a wrong type or outside the set leads to, `choices_since` the release
    that brought a choice, `internal` a field that PEFT's constructor does not take (`init=False`).
    """
    facts = {
        "since": since,
        "peft": peft,
        "effect": effect,
        "outcome": outcome,
        "typical": typical,
        "choices_since": choices_since or {},
        "source": source,
        "internal": internal,
    }
    default_argument = (
        {"default_factory": type(default)} if default in ({},) else {"default": default}
    )
    return Field(
        **default_argument,
        description=help,
        examples=list(examples) or None,
        json_schema_extra={"facts": facts},  # type: ignore[dict-item]
    )
