"""Which release of transformers and of PEFT a config is judged by. In come a package, a folder and
what the user asks for; out comes a `Choice`: the release, and why it is this one. `pins/` reads the
project's own files, `installed_version.py` the environment, `known.json` lists the releases that
loracheck knows. Begin at `choose.py`, then `peft.py`.
"""
