"""What there is to explain about a LoRA file: `assess.py` makes a `LoraFileReport` of a path,
`text.py` writes it as text; `explain/html/lora_file.py` as a page.
"""
