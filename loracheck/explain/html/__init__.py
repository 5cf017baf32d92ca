"""Pictures of what a config does: the coverage map as SVG, and a page that explains a whole file.

`Impact`s come in, a self-contained document goes out: no script, no font and no picture from
elsewhere, light or dark by the reader's own setting. Nothing is worked out here. Begin with
`page.py` for the page and `coverage_map.py` for the map.
"""
