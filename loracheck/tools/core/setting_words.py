"""Written by `python -m loracheck.tools.core.build_index`: see quick_look.py."""

WORDS = (
    b"[adapter]",
    b"finetunetype",
    b"finetuningtype",
    b"llmbackbone",
    b"loadin4bit",
    b"loadin8bit",
    b"networkdim",
    b"networkmodule",
    b"sfttype",
    b"targetmodules",
    b"targetparameters",
    b"trainingmethod",
    b"trainingtype",
    b"traintype",
    b"tunertype",
)
"""Words of which each alone may set LoRA up."""

FIELDS = (
    b"alphapattern",
    b"arrowconfig",
    b"automapping",
    b"basemodelnameorpath",
    b"cordaconfig",
    b"ensureweighttying",
    b"evaconfig",
    b"excludemodules",
    b"faninfanout",
    b"inferencemode",
    b"kasaconfig",
    b"layerreplication",
    b"layerspattern",
    b"layerstotransform",
    b"loftqconfig",
    b"megatronconfig",
    b"megatroncore",
    b"modulestosave",
    b"rankpattern",
    b"runtimeconfig",
    b"targetmodules",
    b"targetparameters",
    b"tasktype",
    b"trainabletokenindices",
    b"usedora",
)
"""The other fields of LoraConfig."""
