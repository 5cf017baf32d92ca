// Python in a thread of its own: loads Pyodide and loracheck from this site, then answers requests.
import { loadPyodide } from "pyodide";
import { SIZES } from "virtual:sizes";

const TOTAL = Object.values(SIZES).reduce((sum, size) => sum + size, 0);
const ROOT = new URL("./", self.location.href);
let received = 0;
let bridge = null;

/** Fetches a file and reports the bytes of all files that have come so far. */
async function fetchCounted(address, options) {
  const response = await plainFetch(address, options);
  if (!response.ok) throw new Error(`${address}: ${response.status} ${response.statusText}`);
  const counter = new TransformStream({
    transform(chunk, controller) {
      received += chunk.byteLength;
      // The last steps, which compile and import, are a tenth of the bar.
      postMessage({ kind: "progress", part: Math.min((0.9 * received) / TOTAL, 0.9) });
      controller.enqueue(chunk);
    },
  });
  return new Response(response.body.pipeThrough(counter), {
    status: response.status,
    headers: { "Content-Type": response.headers.get("Content-Type") ?? "application/octet-stream" },
  });
}

const plainFetch = self.fetch.bind(self);
self.fetch = fetchCounted;

async function start() {
  const archive = fetchCounted(new URL("loracheck.zip", ROOT)).then((found) => found.arrayBuffer());
  const python = await loadPyodide({ indexURL: new URL("pyodide/", ROOT).href });
  python.unpackArchive(await archive, "zip", { extractDir: "/app" });
  postMessage({ kind: "progress", part: 0.95 });
  python.runPython("import sys; sys.path.insert(0, '/app')");
  bridge = python.pyimport("bridge");
  const models = JSON.parse(bridge.list_models());
  // Imports what every check needs, so that the first one is as quick as the others.
  for (const [name, text] of WARM) {
    bridge.check(JSON.stringify({ text, name, model: "", config: "", cursor: null }));
    bridge.explain();
  }
  postMessage({ kind: "ready", ...models });
}

const WARM = [
  ["a.yaml", "base_model: gpt2\nadapter: lora\nlora_r: 8\nlora_alpha: 8\nlora_target_modules: [c_attn, q]\n"],
  ["a.json", '{"peft_type": "LORA", "base_model_name_or_path": "gpt2", "r": 8, "lora_aplha": 8, "target_modules": "x"}'],
  ["a.py", 'LoraConfig(r=8, target_modules=["c_attn"])'],
  ["a.json", "{"],
];

const ANSWERS = {
  check: (request) => JSON.parse(bridge.check(JSON.stringify(request))),
  mend: (request) => ({ text: bridge.mend(JSON.stringify(request)) }),
};

self.onmessage = ({ data: { number, kind, request } }) => {
  const begin = performance.now();
  try {
    const answer = ANSWERS[kind](request);
    postMessage({ kind, number, took: performance.now() - begin, answer });
    if (kind === "check" && !answer.fault) postMessage({ kind: "page", number, page: bridge.explain() });
  } catch (error) {
    postMessage({ kind, number, took: 0, answer: { fault: String(error) } });
  }
};

start().catch((error) => postMessage({ kind: "failed", reason: String(error) }));
