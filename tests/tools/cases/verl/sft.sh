ENTRY="torchrun --nproc_per_node=2 -m verl.trainer.sft_trainer"
$ENTRY data.train_files=x model.path=a/b model.lora_rank=32 model.lora_alpha=16 \
  model.target_modules=all-linear trainer.total_epochs=2
