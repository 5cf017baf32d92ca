set -x
python3 -m verl.trainer.main_ppo \
    data.train_files=$HOME/x.parquet \
    actor_rollout_ref.model.path=Qwen/Qwen2.5-3B-Instruct \
    actor_rollout_ref.model.lora_rank=64 \
    +actor_rollout_ref.model.target_modules='[q_proj,v_proj]' \
    trainer.nnodes=1 $@
