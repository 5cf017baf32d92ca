from dataclasses import dataclass, field
from typing import List, Optional

from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, HfArgumentParser


@dataclass
class Arguments:
    model_name: str = "Qwen/Qwen2.5-0.5B"
    rank: int = field(default=8, metadata={"help": "rank"})
    targets: List[str] = field(default_factory=lambda: ["q_proj", "v_proj"])
    saved: Optional[List[str]] = None


(args,) = HfArgumentParser(Arguments).parse_args_into_dataclasses()
model = AutoModelForCausalLM.from_pretrained(args.model_name)
config = LoraConfig(r=args.rank, target_modules=args.targets, modules_to_save=args.saved)
model = get_peft_model(model, config)
