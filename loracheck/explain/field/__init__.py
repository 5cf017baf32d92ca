"""The page of a LoraConfig field or of a tool's key. In comes a name, out comes text or JSON:
meaning, usual values, how it acts on others. Begin at `page.py`.
"""
