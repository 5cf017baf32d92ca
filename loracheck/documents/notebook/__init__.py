"""Notebooks: the text of an .ipynb file in, a `NotebookDocument` out, whose roots are the calls in
its cells.

`document.py` (begin there) joins the code of `cells.py` and has it parsed as Python;
`offsets.py` leads from places in that Python back to places in the file. `written_files.py`
reads the files that `%%writefile` cells hold and the scripts of `shell_parts.py` (`%%bash`
cells, `!` lines), and `code_lines.py` gives the comments of the cells.
"""
