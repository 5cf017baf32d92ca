accelerate launch --num_cpu_threads_per_process 1 "$SD/sdxl_train_network.py" \
  --network_module=networks.lora --network_dim=32 --network_alpha=16 \
  --network_args "conv_dim=4" "conv_alpha=1" --optimizer_args "weight_decay=0.1"
