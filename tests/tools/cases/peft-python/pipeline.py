import torch
from diffusers import AutoPipelineForText2Image, FluxPipeline, FluxTransformer2DModel
from diffusers import UNet2DConditionModel, WanPipeline
from peft import LoraConfig, get_peft_model
from transformers import CLIPTextModel

pipe = FluxPipeline.from_pretrained("team/flux", torch_dtype=torch.bfloat16).to("cuda")
pipe.transformer.requires_grad_(False)
pipe.transformer.add_adapter(LoraConfig(r=1, target_modules=["to_q"]))
pipe.text_encoder.add_adapter(LoraConfig(r=2, target_modules=["q_proj"]))

unet = UNet2DConditionModel.from_pretrained("team/sd", subfolder="unet", revision="fp16")
unet.add_adapter(LoraConfig(r=3, target_modules=["to_k"]))
encoder = CLIPTextModel.from_pretrained("team/sd", subfolder="text_encoder")
get_peft_model(encoder, LoraConfig(r=4, target_modules=["q_proj"]))

wan = WanPipeline.from_pretrained("team/wan")
second = wan.transformer_2
get_peft_model(second, LoraConfig(r=5, target_modules=["to_q"]))

own = FluxTransformer2DModel.from_pretrained("team/own")
mixed = FluxPipeline.from_pretrained("team/flux", transformer=own)
mixed.transformer.add_adapter(LoraConfig(r=6, target_modules=["to_q"]))
without = FluxPipeline.from_pretrained("team/flux", transformer=build())
without.transformer.add_adapter(LoraConfig(r=7, target_modules=["to_q"]))

turbo = AutoPipelineForText2Image.from_pretrained("team/turbo")
turbo.unet = prune(turbo.unet)
turbo.unet.add_adapter(LoraConfig(r=8, target_modules=["to_q"]))
get_peft_model(turbo, LoraConfig(r=9, target_modules=["to_q"]))
