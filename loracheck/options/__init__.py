"""Options and settings: which files a run looks at, which rules judge them, and what counts.

In come the options of a caller (`RunOptions`, from the command line, an editor or a Python
function), a settings file (`loracheck.toml` or `[tool.loracheck]` in pyproject.toml), a baseline,
`.gitignore` files and the comments of a linted file. Out come `RunSettings`, with the
`LintSettings` of each path, the files to read, and the findings that are left after comments and
baseline. Begin at `run_settings.resolve_settings`.

Nothing here knows of a terminal: options that make no sense raise `OptionError`, a settings file
that cannot be used `SettingsError`.
"""
