"""What a config file does to its model. In comes a file, out comes an `Impact` for each of its
settings: reach, ranks, entries, coverage, engines. Begin at `impact.py`.
"""
