"""LoRA files held against the programs that load them."""
