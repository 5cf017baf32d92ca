import argparse

from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM

parser = argparse.ArgumentParser()
parser.add_argument("--rank", type=int, default="16")
parser.add_argument("--lora-alpha", type=float, default=32)
parser.add_argument("--dora", action="store_true")
parser.add_argument("--slow", action="store_false")
parser.add_argument("--targets", default="q_proj,v_proj")
parser.add_argument("--parsed", type=lambda text: text.split(","), default="q_proj,v_proj")
parser.add_argument("--bias", default=None)
parser.add_argument("--dropout", type=float, default=0.1)
args = parser.parse_args()
args.dropout = args.dropout / 2
model = AutoModelForCausalLM.from_pretrained("Qwen/Qwen2.5-0.5B")
model = get_peft_model(
    model,
    LoraConfig(
        r=args.rank,
        lora_alpha=args.lora_alpha,
        lora_dropout=args.dropout,
        use_dora=args.dora,
        use_rslora=args.slow,
        target_modules=args.targets.split(","),
        modules_to_save=args.parsed,
        bias=args.bias,
    ),
)
