"""JSON: a text in, a `TreeDocument` out.

`document.py` (begin there) reads the values with the standard library's fast parser. Only when a
place or a fault is asked for does `scanner.py` read the text a second time, with the offsets of
every value; `syntax_errors.py` puts a fault into one sentence.
"""
