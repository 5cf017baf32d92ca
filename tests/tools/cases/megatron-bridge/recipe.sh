for pair in "2,1" "1,2"; do
    IFS=',' read -r TP PP <<< "$pair"
    uv run python -m torch.distributed.run --nproc_per_node=8 scripts/training/run_recipe.py \
        --recipe llama32_1b_peft_config model.tensor_model_parallel_size=$TP peft.dim=16 peft.alpha=32
done
