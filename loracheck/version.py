"""The version of loracheck, a leaf: whatever says it imports it from here."""

__version__ = "0.1.0"
