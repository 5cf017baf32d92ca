"""The tools' own code, asked what LoraConfig it makes of a file; its answers are the golden data of
tests/tools/golden/.
"""
