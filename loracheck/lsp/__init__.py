"""The checks while one types: a server of the Language Server Protocol.

In come the texts of an editor, saved or not, out go diagnostics, hints, completions, hovers and
edits. `server.py` answers the editor (with pygls, the extra `lsp`); everything else knows texts,
offsets and findings: `analysis.py` judges a text, `half_typed.py` reads one that is in the middle
of a word, `cursor.py` says what stands at an offset, and `completion.py`, `hover.py`, `hints.py`
and `actions.py` each make one kind of answer. Begin at `analysis.py`.
"""
