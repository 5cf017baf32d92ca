from dataclasses import dataclass
from typing import Optional

from peft import LoraConfig
from transformers import AutoModelForCausalLM
from trl import SFTTrainer, TrlParser


@dataclass
class Arguments:
    model_id: Optional[str] = None


def load(args):
    if args.local:
        args.model_id = "/tmp/copied"
    return AutoModelForCausalLM.from_pretrained(args.model_id)


args = TrlParser(Arguments).parse_args_and_config()
SFTTrainer(model=load(args), peft_config=LoraConfig(r=4))
