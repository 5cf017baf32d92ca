"""A Hub of our own on 127.0.0.1: what huggingface_hub asks for when it downloads one small file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha1
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from time import sleep

COMMIT = "0123456789abcdef0123456789abcdef01234567"
LLAMA = {
    "architectures": ["LlamaForCausalLM"],
    "model_type": "llama",
    "hidden_size": 64,
    "intermediate_size": 128,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "vocab_size": 100,
}
FILES = {
    f"/team/{name}/resolve/main/config.json": json.dumps(LLAMA).encode()
    for name in ("tiny-llama", "slow-llama")
}
CHATGLM = {
    "architectures": ["ChatGLMModel"],
    "model_type": "chatglm",
    "auto_map": {"AutoModel": "modeling_chatglm.ChatGLMForConditionalGeneration"},
}
NAMES = {
    f"transformer.encoder.layers.{number}.self_attention.{name}.weight": "pytorch_model-1.bin"
    for number in range(2)
    for name in ("query_key_value", "dense")
}
FILES["/team/chatglm/resolve/main/config.json"] = json.dumps(CHATGLM).encode()
FILES["/team/chatglm/resolve/main/pytorch_model.bin.index.json"] = json.dumps(
    {"metadata": {}, "weight_map": NAMES}
).encode()
TINY_FLUX = {
    "_class_name": "FluxTransformer2DModel",
    "attention_head_dim": 8,
    "axes_dims_rope": [2, 2, 4],
    "joint_attention_dim": 16,
    "num_attention_heads": 2,
    "num_layers": 2,
    "num_single_layers": 3,
    "pooled_projection_dim": 8,
}
PIPELINE = {
    "_class_name": "FluxPipeline",
    "scheduler": ["diffusers", "FlowMatchEulerDiscreteScheduler"],
    "text_encoder": ["transformers", "LlamaForCausalLM"],
    "transformer": ["diffusers", "FluxTransformer2DModel"],
}
for _name, _content in {
    "model_index.json": PIPELINE,
    "transformer/config.json": TINY_FLUX,
    "text_encoder/config.json": LLAMA,
}.items():
    FILES[f"/team/pipe/resolve/main/{_name}"] = json.dumps(_content).encode()
ERRORS = {"team/gated": (403, "GatedRepo"), "team/absent": (404, "RepoNotFound")}


class Handler(BaseHTTPRequestHandler):
    """HEAD and GET of /owner/name/resolve/revision/file with the headers that the client reads."""

    protocol_version = "HTTP/1.1"

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def do_GET(self) -> None:
        self._answer(body=True)

    def _answer(self, *, body: bool) -> None:
        content = FILES.get(self.path)
        repo = self.path.partition("/resolve/")[0].strip("/")
        if repo == "team/slow-llama":
            sleep(0.8)
        status, code = (200, "") if content else ERRORS.get(repo, (404, "EntryNotFound"))
        self.send_response(status)
        if code:
            self.send_header("X-Error-Code", code)
            self.send_header("X-Error-Message", code)
        self.send_header("X-Repo-Commit", COMMIT)
        self.send_header("ETag", f'"{sha1(content or b"").hexdigest()}"')
        self.send_header("Content-Length", str(len(content or b"")))
        self.end_headers()
        if body and content:
            self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Quiet."""


@contextmanager
def hub() -> Iterator[str]:
    """The address of a running server."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
