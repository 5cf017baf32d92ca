accelerate launch train_dreambooth_lora_flux.py --pretrained_model_name_or_path black-forest-labs/FLUX.1-dev \
  --rank 16 --lora_alpha 16 --lora_layers "attn.to_k,attn.to_q,attn.to_v,attn.to_out.0"
