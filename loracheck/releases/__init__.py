"""Which release of transformers and of PEFT a config is judged by."""
