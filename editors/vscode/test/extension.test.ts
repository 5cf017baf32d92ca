// The extension with the real language client and the real server; only `vscode` is a stand-in.
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { activate, deactivate } from "../src/extension";
import { changeSetting, commands, openText, shown } from "./vscode";

const PYTHON = process.env.LORACHECK_PYTHON ?? "python3";
const PHI = `base_model: microsoft/Phi-3-mini-4k-instruct
adapter: lora
lora_r: 16
lora_alpha: 32
lora_target_modules: [q_proj, o_proj, down_proj]
`;
const PATH = join("/work", "a b", "lora.yaml");
const context = { subscriptions: [] as { dispose(): void }[] };

/** Waits until something holds: the server answers when it can. */
async function until(holds: () => boolean): Promise<void> {
  for (let tries = 0; tries < 1200 && !holds(); tries += 1) await wait(100);
  assert.ok(holds(), JSON.stringify({ log: shown.log, messages: shown.messages, status: shown.status }));
}

before(async () => {
  shown.settings.interpreter = PYTHON;
  await activate(context as never);
});
after(deactivate);

test("the server says what is wrong, and the status bar how much trains", async () => {
  const document = openText(PATH, "yaml", PHI);
  const address = document.uri.toString();
  await until(() => shown.diagnostics.get(address)?.length === 1);
  const [found] = shown.diagnostics.get(address) ?? [];
  assert.match(found?.message ?? "", /q_proj/);
  await until(() => shown.status.visible);
  assert.equal(shown.status.text, "$(layers) LoRA: 8.91 M train");
  assert.match(shown.status.tooltip, /^LoRA in 64 modules, 8\.91 M parameters train/);
  document.type(PHI.replace("q_proj", "qkv_proj"));
  await until(() => shown.diagnostics.get(address)?.length === 0);
  await until(() => shown.status.text.includes("15.2 M"));
});

test("the command and the code lens open the page about the config", async () => {
  await commands.executeCommand("loracheck.explainConfig");
  await commands.executeCommand("loracheck.explain", shown.diagnostics.keys().next().value);
  assert.deepEqual(shown.panels.map((panel) => panel.title), Array(2).fill("lora.yaml: what it does"));
  for (const { webview } of shown.panels) {
    assert.match(webview.html, /default-src 'none'/);
    assert.match(webview.html, /96 of 128/);
  }
});

test("a text without LoRA shows nothing", async () => {
  openText("/work/other.yaml", "yaml", "a: 1\n");
  await until(() => !shown.status.visible);
  openText("/work/notes.md", "markdown", "# lora\n");
  await wait(50);
  assert.equal(shown.status.visible, false);
});

test("settings reach the server, which is started anew", async () => {
  const address = openText(PATH, "yaml", PHI).uri.toString();
  await until(() => shown.diagnostics.get(address)?.length === 1);
  changeSetting("ignore", ["LC202"]);
  await until(() => shown.log.filter((line) => line.includes("-m loracheck lsp")).length === 2);
  await until(() => (shown.diagnostics.get(address) ?? []).length === 0);
  shown.status.text = "";
  const document = openText(PATH, "yaml", PHI.replace("16", "8"));
  await until(() => shown.status.text.includes("4.46 M"));
  assert.deepEqual(shown.diagnostics.get(document.uri.toString()) ?? [], []);
});

test("what cannot be started is told", async () => {
  changeSetting("interpreter", "/no/such/python");
  process.env.PATH = "/no/such/folder";
  await until(() => shown.messages.some((text) => text.includes("pip install 'loracheck[lsp]'")));
});
