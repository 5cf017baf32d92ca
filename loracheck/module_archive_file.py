"""An empty module: where Python caches its compiled file, `module_archive.py` puts the archive."""
