accelerate launch sdxl_train_network.py --network_module networks.lora --network_dim 8 --network_args "unit=4"
accelerate launch sdxl_train_network.py --network_module networks.lora --network_dim 8 --network_args=unit=4 --network_alpha=4
accelerate launch sdxl_train_network.py --network_module networks.lora --network_dim 8 --network_args --seed 3
