"""The best checkpoint is asked for, and it is not evaluated when it is saved.

## What
Training arguments with `load_best_model_at_end=True` whose `eval_strategy` and `save_strategy` are
not the same, or whose `save_steps` is no multiple of `eval_steps`.

## Why
A checkpoint has a score only where an evaluation falls on it, so transformers refuses the
arguments: ValueError, "--load_best_model_at_end requires the save and eval strategy to match".
Nothing is evaluated by default (`eval_strategy="no"`), and every 500 steps are saved. Seen in
zjunlp/DeepKE issue 394.

## Bad
```python
from peft import LoraConfig
from trl import SFTConfig, SFTTrainer
args = SFTConfig(output_dir="out", save_strategy="epoch", load_best_model_at_end=True)
config = LoraConfig(r=8, lora_alpha=16, target_modules=["q_proj", "v_proj"])
trainer = SFTTrainer("Qwen/Qwen2.5-7B", args=args, train_dataset=data, peft_config=config)
```

## Good
```python
from peft import LoraConfig
from trl import SFTConfig, SFTTrainer
args = SFTConfig(
    output_dir="out", eval_strategy="epoch", save_strategy="epoch", load_best_model_at_end=True
)
config = LoraConfig(r=8, lora_alpha=16, target_modules=["q_proj", "v_proj"])
trainer = SFTTrainer("Qwen/Qwen2.5-7B", args=args, train_dataset=data, peft_config=config)
```

## Fix
Give both strategies the same value, and `save_steps` a multiple of `eval_steps`.

## Source
transformers 4.57.6 `training_args.py` (`TrainingArguments.__post_init__`), transformers 5.24.0
`training_args.py`, called with these values.
"""

from __future__ import annotations

from loracheck.documents.python.training_calls import makes_training_arguments
from loracheck.rules.support.script_calls import get_call_span, read_calls
from loracheck.rules.types import Hit
from loracheck.type_checking import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loracheck.documents.model import Document
    from loracheck.documents.python.uses import Use
    from loracheck.rules.context import RuleContext

CODE = "LC117"
NAME = "best-checkpoint-not-evaluated"
SEVERITY = "error"

_EVAL_NAMES = ("eval_strategy", "evaluation_strategy")
"""The argument and its name in older releases of transformers."""

_STRATEGIES = frozenset({"no", "steps", "epoch"})
"""What both may be; a save_strategy of "best" goes with every eval_strategy."""

_PACKAGES = frozenset({"transformers", "trl"})


def check(context: RuleContext) -> Iterator[Hit]:
    """One hit for every such call; the first setting of the file speaks."""
    if context.first:
        yield from check_bare(context.document)


def check_bare(document: Document) -> Iterator[Hit]:
    """One hit for every call of a file that makes training arguments which are refused."""
    script = read_calls(document, "load_best_model_at_end", "eft")
    for use in script.uses if script is not None else ():
        package = use.name.partition(".")[0]
        if use.fails or package not in _PACKAGES or not makes_training_arguments(use.name):
            continue
        best = use.arguments.get("load_best_model_at_end")
        if best is None or best.value is not True or not use.complete or 1 in use.arguments:
            continue
        problem = _find_problem(use)
        if problem is not None:
            yield Hit(problem[0], get_call_span(document, use), help=problem[1])


def _find_problem(use: Use) -> tuple[str, str] | None:
    """What is refused in training arguments that ask for the best checkpoint, and its mend; None
    where nothing is for certain.
    """
    name = next((one for one in _EVAL_NAMES if one in use.arguments), _EVAL_NAMES[0])
    evaluates, saves = _get_literal(use, name, "no"), _get_literal(use, "save_strategy", "steps")
    if evaluates not in _STRATEGIES or saves not in _STRATEGIES:
        return None
    if evaluates != saves:
        mend = f'{name}="{saves}"' if evaluates == "no" else f'save_strategy="{evaluates}"'
        return (
            f'load_best_model_at_end with {name}="{evaluates}" and save_strategy="{saves}": '
            "ValueError, the two have to match",
            f"write {mend}",
        )
    every, step = _get_literal(use, "save_steps", 500), _get_literal(use, "eval_steps", None)
    if evaluates != "steps" or type(every) is not int or type(step) is not int:
        return None
    if step < 1 or every < 1 or every % step == 0:
        return None
    above = every + step - every % step
    return (
        f"load_best_model_at_end with save_steps={every}, no multiple of eval_steps={step}: "
        "ValueError",
        f"write save_steps={above}",
    )


def _get_literal(use: Use, argument: str, default: str | int | None) -> object:
    """The literal that an argument has, `default` where it is not given, None for anything else."""
    return use.arguments[argument].value if argument in use.arguments else default
