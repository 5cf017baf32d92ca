from peft import LoraConfig, get_peft_model
from transformers import ResNetBackbone

model = ResNetBackbone.from_pretrained("a/resnet")
model = get_peft_model(model, LoraConfig(r=4, target_modules=["convolution"]))
