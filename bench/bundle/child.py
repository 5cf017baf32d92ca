"""Builds many trees with one import of transformers; started by `bench.bundle.build`.

One request on standard input ({"configs": {name: config.json}} or {"types": true}, with "heads"),
and for each model one line on standard output:

    {"name": ..., "trees": {head: dump, or the head of the same class}, "reason": ...}

`reason` tells why the config's own class could not be built.

Every model is built in a fork of its own, so that a crash or its memory ends with it.
"""

from __future__ import annotations

import json
import os
import sys
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any

SKELETON = Path(__file__).parents[2] / "loracheck" / "trees" / "skeleton"
SHARED = "llama bert vit clip wav2vec2 t5 qwen2_vl mixtral"
"""Their code imports most of what other models' code imports; once, before the forks."""

LABELS = (2, 3)
"""Numbers of labels that classification heads are built with: see
`loracheck.trees.sources.bundle_labels`.
"""


def main() -> None:
    """Read the request, answer every model."""
    request = json.load(sys.stdin)
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    os.environ.update(HF_HUB_OFFLINE="1", TRANSFORMERS_VERBOSITY="critical", OMP_NUM_THREADS="1")
    sys.path.insert(0, str(SKELETON))
    import_module("hidden").hide()
    import_module("warnings").simplefilter("ignore")
    import_module("transformers.models.auto.modeling_auto")
    for name in SHARED.split():
        with suppress(ModuleNotFoundError):  # a model that an old release does not have yet
            import_module(f"transformers.models.{name}.modeling_{name}")
    import_module("construct")
    import_module("dump")
    conversions = sys.modules.get("transformers.conversion_mapping")
    if conversions is not None:
        conversions.get_checkpoint_conversion_mapping("")  # it keeps its table
    import_module("gc").disable()  # a tenth of the time, as in the builder itself
    for name, config in _read_configs(request).items():
        out.write(_run_in_fork(name, config, request["heads"]))


def _read_configs(request: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The request's configs, or with "types" the default config of every model type."""
    if not request.get("types"):
        return dict(request["configs"])
    auto = import_module("transformers.models.auto.configuration_auto")
    return {f"type:{name}": {"model_type": name} for name in sorted(auto.CONFIG_MAPPING.keys())}


def _run_in_fork(name: str, config: dict[str, Any], heads: list[str]) -> str:
    """The line of one model, from a process of its own."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reader)
        built = ModelTrees(config)
        built.add_all(heads)
        with os.fdopen(writer, "w", encoding="utf-8") as pipe:
            json.dump({"name": name, "trees": built.trees, "reason": built.reason}, pipe)
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, encoding="utf-8") as answer:
        text = answer.read()
    _, status = os.waitpid(pid, 0)
    if not text:
        text = json.dumps({"name": name, "trees": {}, "reason": f"ended with status {status}"})
    return text + "\n"


class ModelTrees:
    """The trees of one config: head -> dump, or the name of an earlier head of the same class.
    `reason` is why the config's own class could not be built.
    """

    def __init__(self, settings: dict[str, Any]) -> None:
        self.settings = settings
        self._config: Any = None
        self.trees: dict[str, Any] = {}
        self.reason: str | None = None
        self._classes: dict[type, str] = {}
        self._labels: dict[str, Any] = {}

    def add_all(self, heads: list[str]) -> None:
        """The config's own class, the heads, the other auto classes that load one of these, and
        classification heads with few labels.
        """
        for head in ("", *heads):
            error = CapturedError()
            with error:
                self._add(head)
            if head == "":
                self.reason = error.text
        for cls, head in list(self._classes.items()):
            if "Classification" in cls.__name__ or "Classification" in head:
                self._add_labels(head)
        for auto, names in self._auto_class_names().items():
            known = [head for cls, head in self._classes.items() if cls.__name__ in names]
            if known:
                self.trees.setdefault(auto, known[0])

    def _add(self, head: str) -> None:
        heads = [head] if head else []
        construct = import_module("construct")
        if self._config is None:
            self._config = construct.build_config(self.settings)
        wanted = heads or construct.list_usual_heads(self.settings)
        _, cls, config = construct.choose(self._config, wanted)
        cls = _model_class(cls, config)
        if cls in self._classes:
            self.trees[head] = self._classes[cls]
            return
        self.trees[head] = self._build(head, None)
        self._classes[cls] = head
        self._labels[head] = getattr(config, "num_labels", None)

    def _add_labels(self, head: str) -> None:
        for labels in LABELS:
            if labels == self._labels[head]:
                self.trees[f"{head}:{labels}"] = head
                continue
            with CapturedError():
                self.trees[f"{head}:{labels}"] = self._build(head, labels)

    def _build(self, head: str, labels: int | None) -> dict[str, Any]:
        heads = [head] if head else []
        model, _, facts = import_module("construct").construct(self.settings, heads, labels)
        tree: dict[str, Any] = import_module("dump").dump(model)
        tree["extra"].update(facts)
        return tree

    def _auto_class_names(self) -> dict[str, set[str]]:
        """The ends of auto classes' names -> the names of the classes that they load."""
        modeling = import_module("transformers.models.auto.modeling_auto")
        found: dict[str, set[str]] = {}
        for name, auto in sorted(vars(modeling).items()):
            mapping = getattr(auto, "_model_mapping", None)
            if not name.startswith("AutoModelFor") or mapping is None:
                continue
            kind = mapping._reverse_config_mapping.get(type(self._config).__name__)
            classes = mapping._model_mapping.get(kind, ())
            found[name.removeprefix("AutoModelFor")] = (
                {classes} if isinstance(classes, str) else set(classes)
            )
        return found


def _model_class(cls: Any, config: Any) -> type:
    """The class that is built: an auto class's choice for the config, or the class itself."""
    if not hasattr(cls, "_model_mapping"):
        found: type = cls
        return found
    chosen: type = import_module("transformers.models.auto.auto_factory")._get_model_class(
        config, cls._model_mapping
    )
    return chosen


class CapturedError:
    """A block whose error is its result: a constructor may raise anything. `text` tells it."""

    text: str | None = None

    def __enter__(self) -> CapturedError:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, _: object) -> bool:
        if kind is None:
            return True
        self.text = f"{kind.__name__}: {error}"[:200]
        return issubclass(kind, Exception)


if __name__ == "__main__":
    main()
