// Serves a built page on this machine and opens it in headless Chromium, for tests and measurements.
import { accessSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { extname, join, normalize } from "node:path";

const TYPES = {
  ".html": "text/html", ".js": "text/javascript", ".mjs": "text/javascript", ".css": "text/css",
  ".wasm": "application/wasm", ".json": "application/json", ".zip": "application/zip",
};
const PLACES = [process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** The path of a Chromium on this machine; undefined where none is known. */
export function findChromium() {
  return PLACES.filter(Boolean).find((path) => {
    try { accessSync(path); return true; } catch { return false; }
  });
}

/** Calls `use({ browser, address })`. Playwright comes from the node_modules of `packages`. */
export async function withPage(folder, packages, use) {
  const { chromium } = createRequire(join(packages, "/"))("playwright-core");
  const server = createServer((request, response) => {
    const path = normalize(decodeURI(new URL(request.url, "http://x").pathname)).replace(/\/$/, "/index.html");
    try {
      const content = readFileSync(join(folder, path));
      response.writeHead(200, { "Content-Type": TYPES[extname(path)] ?? "text/plain", "Content-Length": content.length });
      response.end(content);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const browser = await chromium.launch({ executablePath: findChromium(), args: ["--no-sandbox"] });
  try {
    return await use({ browser, address: `http://127.0.0.1:${server.address().port}/` });
  } finally {
    await browser.close();
    server.close();
  }
}

/** Waits until an answer to a text that is newer than `number` is shown; its number. */
export async function waitForAnswer(page, number = 0) {
  const status = await page.waitForFunction((old) => {
    const shown = Number(document.getElementById("status").dataset.number ?? 0);
    return shown > old ? shown : null;
  }, number, { timeout: 300_000 });
  return status.jsonValue();
}
