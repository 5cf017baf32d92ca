"""What there is to explain about a folder of several adapters: `assess.py` makes an
`AdapterSetReport` of it, `text.py` writes it as text.
"""
