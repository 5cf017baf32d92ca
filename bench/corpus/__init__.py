"""Every rule over every file of a folder of real configs, with what was expected of each file.

`python -m bench.corpus [FOLDER]` prints, for each tool, how many files were recognised and gave a
setting, and all findings by rule and file. The folder has an index.json: path, framework, and
lora_fields of each file. Files of official repositories are known to work, so that each error or
warning on one must be shown true or be mended. Those shown true stand in reviewed.json; all others
are marked NEW.
"""
