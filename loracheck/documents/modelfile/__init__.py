"""Ollama's Modelfile: `document.py` reads its instructions. A text in, a `Document` with
`instructions` out.
"""
