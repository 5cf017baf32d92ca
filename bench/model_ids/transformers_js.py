"""The checkpoints that transformers.js converts: its list says the model type of each and the task
that it is exported for, which together name the class.

Source: xenova/transformers.js 2.17, scripts/supported_models.py (`SUPPORTED_MODELS`; keys are the
model types of optimum's exporters, below them the tasks) and scripts/extra/marian.py, as the fork
KLaci/transformers.js holds them at 13e652f2fb51. A task that says nothing of the class
("default") tells no class, and a type with parts of its own (donut) none either.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from bench.model_ids.transformers_code import find_class_of_task
from loracheck.trees.model_ids import ModelId

if TYPE_CHECKING:
    from collections.abc import Iterator

REPOSITORY = "KLaci/transformers.js"
FILES = ("scripts/supported_models.py", "scripts/extra/marian.py")

TASKS = {
    "fill-mask": "MASKED_LM",
    "feature-extraction": "",
    "sentence-similarity": "",
    "text-classification": "SEQUENCE_CLASSIFICATION",
    "zero-shot-classification": "SEQUENCE_CLASSIFICATION",
    "token-classification": "TOKEN_CLASSIFICATION",
    "question-answering": "QUESTION_ANSWERING",
    "text-generation": "CAUSAL_LM",
    "text2text-generation": "SEQ_TO_SEQ_CAUSAL_LM",
    "summarization": "SEQ_TO_SEQ_CAUSAL_LM",
    "translation": "SEQ_TO_SEQ_CAUSAL_LM",
    "image-classification": "IMAGE_CLASSIFICATION",
    "object-detection": "OBJECT_DETECTION",
    "zero-shot-object-detection": "ZERO_SHOT_OBJECT_DETECTION",
    "image-feature-extraction": "",
    "zero-shot-image-classification": "",
    "depth-estimation": "DEPTH_ESTIMATION",
    "semantic-segmentation": "SEMANTIC_SEGMENTATION",
    "automatic-speech-recognition": "CTC",
    "audio-classification": "AUDIO_CLASSIFICATION",
}
"""Task -> the auto classes' mapping that has its class; "" for the model without a head."""

WRONG = {
    "intfloat/multilingual-e5-base": "xlm-roberta, as in huggingface/text-embeddings-inference",
    "sentence-transformers/xlm-r-100langs-bert-base-nli-stsb-mean-tokens": "xlm-roberta by name",
}
"""Ids that stand below another model type than they are of."""


def read_ids(text: str, source: str) -> Iterator[ModelId]:
    """The rows of one file."""
    for statement in ast.parse(text).body:
        value = statement.value if isinstance(statement, ast.Assign) else None
        if isinstance(value, ast.Dict) and "supported_models" in source:
            for kind, tasks in zip(value.keys, value.values, strict=True):
                if isinstance(kind, ast.Constant) and isinstance(tasks, ast.Dict):
                    yield from _read_type(str(kind.value), tasks, source)
        elif value is not None and "marian" in source:
            for name in _list_words(value):
                yield ModelId(f"Helsinki-NLP/opus-mt-{name}", None, "MarianMTModel", source)


def _read_type(kind: str, tasks: ast.Dict, source: str) -> Iterator[ModelId]:
    for task, names in zip(tasks.keys, tasks.values, strict=True):
        mapping = TASKS.get(str(task.value)) if isinstance(task, ast.Constant) else None
        cls = find_class_of_task(kind, mapping) if mapping is not None else None
        for name in _list_words(names) if cls else ():
            if name not in WRONG:
                yield ModelId(name, None, cls, source)


def _list_words(value: ast.expr) -> Iterator[str]:
    for node in ast.walk(value):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
