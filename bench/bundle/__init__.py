"""The trees that are shipped with loracheck: `python -m bench.bundle`."""
