"""Shell scripts: a text in, a `ShellDocument` out, whose roots are the options of each command.
Nothing is run.

`document.py` (begin there) has `tokens.py` cut the text into commands and words, `script.py` and
`word_expansion.py` fill in the variables whose values the script itself gives, and `options.py`
make a mapping of each command's options. `embedded.py` reads the files that here-documents hold.
"""
