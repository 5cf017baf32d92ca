"""Where trees come from: lock file, local folder, bundle, cache, Hub. Each source is a class
with one method, `find(request, options)`, which gives a `ResolvedTree` or None. Begin at
`request.py`; the order of the sources stands in `loracheck/trees/resolve.py`.
"""
