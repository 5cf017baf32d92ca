"""What a project's own files say about releases: requirements, pyproject.toml, lock files,
environment.yml. In come a package and a folder, out come `Pin`s with file and line; the files are
read as text, never run. One module a format, which gives `parse_pins(path, text)`; begin at
`find.py`. What a notebook or a script installs itself is read by `install_commands.py`; `own.py`
says which pins decide for one file.
"""
