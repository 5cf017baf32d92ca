"""The pages of fields: LoraConfig's own, and keys that only a tool's file has.

The name of a field or key comes in, in PEFT's spelling or a tool's; its page as text or as a
dictionary goes out. The facts are those of `loracheck.config` and of the tools' key maps, with how
often real configs set a field (`usage.json`). Begin with `page.py`; `tool_key_page.py` is the page
of a name that is no field of LoraConfig.
"""
