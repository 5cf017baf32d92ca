"""What a file's settings do to their model.

A path or a document comes in, an `Impact` for each of its settings goes out: which modules get LoRA
with which rank, what trains, what each entry of the config reached, what the tool and PEFT added,
what it takes on disk and in memory, and which engines would serve it. Begin with `assess_file.py`,
`assess_setting.py` and `impact.py`; the other modules each work out one part of it.
"""
