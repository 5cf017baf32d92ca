"""How two settings differ in effect. In come two `Impact`s, out comes a `Comparison`. Begin at
`difference.py`.
"""
