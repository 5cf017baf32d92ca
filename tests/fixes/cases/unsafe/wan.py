from diffusers import WanTransformer3DModel
from peft import LoraConfig

model = WanTransformer3DModel.from_pretrained(
    "Wan-AI/Wan2.1-T2V-1.3B-Diffusers", subfolder="transformer"
)
model.add_adapter(LoraConfig(r=32, lora_alpha=32, target_modules=["to_q", "ffn.net.2", "ff.net.2"]))
