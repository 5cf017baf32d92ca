#!/usr/bin/env bash
RANK=${RANK:-16}
accelerate launch --config_file fsdp.yaml examples/dreambooth/train_dreambooth_lora_flux.py \
  --pretrained_model_name_or_path=black-forest-labs/FLUX.1-dev \
  --rank=$RANK --lora_alpha 32 --lora_dropout 1.5 \
  --lora_layers "attn.to_k,attn.to_q"
