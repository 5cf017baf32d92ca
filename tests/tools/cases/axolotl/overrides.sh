accelerate launch -m axolotl.cli.train qlora.yml --lora_r=64 --lora-alpha 16
axolotl train qlora.yml --lora-dropuot 0.1 --lora-r 8 --adapter qlora
axolotl merge-lora qlora.yml --lora_model_dir out
