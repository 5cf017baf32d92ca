from peft import LoraConfig, get_peft_model
from sentence_transformers import SentenceTransformer
from transformers import AutoModelForCausalLM, CLIPModel, T5ForConditionalGeneration

clip = CLIPModel.from_pretrained("team/clip")
clip.vision_model = get_peft_model(clip.vision_model, LoraConfig(r=1, target_modules=["q_proj"]))


class System:
    def __init__(self):
        self.net = T5ForConditionalGeneration.from_pretrained("team/t5")
        block = self.net.decoder.block
        get_peft_model(block, LoraConfig(r=2, target_modules=["q"]))


sentences = SentenceTransformer("team/bge")
sentences[0].auto_model = get_peft_model(
    sentences[0].auto_model, LoraConfig(r=3, target_modules=["query"])
)

vlm = T5ForConditionalGeneration.from_pretrained("team/vlm")
vlm.encoder = prune(vlm.encoder)
get_peft_model(vlm.encoder, LoraConfig(r=4, target_modules=["q"]))

adapted = get_peft_model(
    AutoModelForCausalLM.from_pretrained("team/llama"), LoraConfig(r=5, target_modules=["q_proj"])
)
get_peft_model(adapted.base_model, LoraConfig(r=6, target_modules=["q_proj"]))
get_peft_model(args.model.encoder, LoraConfig(r=7, target_modules=["q_proj"]))
