"""What is known of LoraConfig's fields. In come values, out come `Issue`s: what PEFT's classes
refuse, ignore or take amiss. The pydantic models in `models/` are the one source of types,
ranges and help; what a run reads of them is generated (`field_table.py`). Begin at `check.py`.
"""
