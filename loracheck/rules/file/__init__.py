"""Family LC0, the file itself: can it be read, is its text sound, is its model found, are its
comments to loracheck used. In comes a `RuleContext`, or for LC002 a document without a setting;
out come `Hit`s. Begin with LC002; LC001 and LC004 are reported by the pipeline, and their
modules hold their pages.
"""
