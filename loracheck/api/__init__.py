"""loracheck in a Python program: `check`, `explain`, `tree`, `batch` for many configs, and a
callback for Trainers.

In come configs and models as a program has them (paths, texts, dicts, PEFT's own objects, live
`nn.Module`s), out come a `Report`, an `Explanation` or a `ModuleTree`. Begin at `check.py`;
`config_source.py` makes a readable text of any config, `config_text.py` writes one for an object,
`model_source.py` finds the tree of any model. Nothing is printed, and neither torch nor PEFT is
imported: their objects are read as they are. The package's own names (`loracheck.check`) lead here.
"""
