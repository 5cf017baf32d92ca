from peft import LoraConfig
from medical import UNet2DConditionModel
unet = UNet2DConditionModel.from_pretrained("a/sd", subfolder="unet")
unet.add_adapter(LoraConfig(r=4, target_modules=["to_q"]))
