"""What `merge_and_unload` does on quantised models, and LoRA on experts in FP8: PEFT is run."""
