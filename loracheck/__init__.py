"""loracheck: a linter for LoRA configs that knows the model."""

__version__ = "0.1.0"
