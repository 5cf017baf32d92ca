"""Which modules the patterns of a config match. In come a pattern and module names, out comes
yes or no, as PEFT would match, in bounded time. Begin at `match.py`.
"""
