"""How two settings differ in what they do.

Two `Impact`s come in, one `Comparison` goes out: the totals side by side, every kind of module that
is treated differently, and every training field with another value. How the files are written does
not matter. Begin with `difference.py`.
"""
