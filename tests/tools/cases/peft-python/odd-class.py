from peft import LoraConfig, get_peft_model
from transformers import AutoFeatureExtractor, JanusVQVAE, LlamaTokenizerFast

extractor = AutoFeatureExtractor.from_pretrained("a/other")
tokenizer = LlamaTokenizerFast.from_pretrained("a/third")
model = JanusVQVAE.from_pretrained("a/vqvae")
model = get_peft_model(model, LoraConfig(r=4, target_modules=["convolution"]))
