"""Pictures of what a config does: the coverage map as SVG, and a page that explains a whole file.

Both are self-contained: no script, no font and no picture from elsewhere, light and dark by the
reader's own setting. They show an `Effect` and work nothing out.
"""
