import argparse

from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--base-model", type=str, default="Qwen/Qwen2.5-0.5B")
    parser.add_argument("--rank", type=int, default=8)
    args = parser.parse_args()
    model = AutoModelForCausalLM.from_pretrained(args.base_model)
    model = get_peft_model(model, LoraConfig(r=args.rank))


if __name__ == "__main__":
    main()
