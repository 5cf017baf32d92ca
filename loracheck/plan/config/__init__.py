"""LoraConfig as PEFT holds it after `__post_init__`. In come a config's values and a PEFT
release, out comes the config with its defaults, or the error that PEFT raises. Begin at
`effective_config.py`.
"""
