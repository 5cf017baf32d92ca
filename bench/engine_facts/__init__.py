"""Facts about engines that can be read out of their sources by a script: `python -m
bench.engine_facts --engine vllm --version 0.33.0`.

`sources.py` brings the files of a release here, one file an engine reads them as text (nothing is
imported or run), `store.py` keeps what was found for each release in `tests/engines/facts/`.
"""
