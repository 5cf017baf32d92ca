"""Options that AutoTrain 0.8.36 has no more, or passes over (src/autotrain/)."""

from __future__ import annotations

from loracheck.tools.core.refusal import (
    Refusal,
    equals,
    is_given,
    is_turned_off,
    is_turned_on,
    matches,
    started_by,
)

_SOURCE = "autotrain/cli/utils.py (get_field_info), autotrain/cli/autotrain.py:51 (parse_args)"
_FORMS = (
    ("params.", matches("task", r"^llm(?:[-:]|$)"), "peft: true"),
    ("", started_by("autotrain"), "--peft"),
)
"""How a file and a command write a key: what stands before it, what tells the case, the switch."""

_OLD_NAMES = {
    "up to 0.6.51": (
        ("use_int4", "--quantization int4"),
        ("use_int8", "--quantization int8"),
        ("use_peft", "--peft"),
        ("fp16", "--mixed-precision fp16"),
    ),
    "before 0.6.67": (
        ("learning_rate", "--lr"),
        ("num_train_epochs", "--epochs"),
        ("gradient_accumulation_steps", "--gradient-accumulation"),
    ),
    "before 0.7.63": (("repo_id", "--push-to-hub with --username and --token"),),
    "before 0.7.125": (("evaluation_strategy", "--eval-strategy"),),
    "before 0.8.9": (
        ("train_batch_size", "--batch-size"),
        ("use_fa2", "--use_flash_attention_2"),
    ),
}
"""Options by the releases that have them, as git history has them (src/autotrain/cli/run_llm.py and
cli/utils.py before commits baaf553, 4f146d5, 0793dc1, 26a8678 and 7587437), and what 0.8.36 has.
"""

REFUSALS = (
    *(
        Refusal(
            (is_given(old), started_by("autotrain")),
            "error: unrecognized arguments",
            f"write {new} in its place",
            _SOURCE,
            note=f"releases {until} have it",
        )
        for until, names in _OLD_NAMES.items()
        for old, new in names
    ),
    *(
        Refusal(
            (
                equals(f"{before}quantization", "int4", "int8"),
                is_turned_off(f"{before}peft"),
                told,
            ),
            "the model is loaded as it is, and every weight of it is trained",
            f"write {switch} beside it, or take quantization out",
            "autotrain/trainers/clm/utils.py:930 (get_model), train_clm_dpo.py:40",
            effect="drops",
        )
        for before, told, switch in _FORMS
    ),
    *(
        Refusal(
            (is_turned_on(f"{before}merge_adapter"), is_turned_off(f"{before}peft"), told),
            "there is no adapter to merge: every weight of the model is trained",
            f"write {switch} beside it, or take merge_adapter out",
            "autotrain/trainers/clm/utils.py:426 (post_training_steps)",
            effect="drops",
        )
        for before, told, switch in _FORMS
    ),
)
