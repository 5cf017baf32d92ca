// Builds the page into a folder: `node build.mjs PYTHON FOLDER [PACKAGES]`. PYTHON is an interpreter
// that has loracheck's own requirements and hatchling; all else comes from the node_modules of the
// folder PACKAGES, which is this one where none is named. Nothing is downloaded.
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { createRequire } from "node:module";

const [given, target, packages] = process.argv.slice(2);
if (!given || !target) throw new Error("usage: node build.mjs PYTHON FOLDER [PACKAGES]");
const HERE = fileURLToPath(new URL(".", import.meta.url));
const ROOT = join(HERE, "..");
const MODULES = resolve(packages ?? HERE, "node_modules");
const require = createRequire(join(MODULES, "/"));
const { build } = require("esbuild");
const { loadPyodide } = require("pyodide");
const RUNTIME = ["pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip", "pyodide-lock.json"];

/** The archive with loracheck and what it requires, compiled by the Python that will run it. */
async function archivePackage(python) {
  const folder = mkdtempSync(join(tmpdir(), "loracheck-playground-"));
  try {
    execFileSync(python, [join(HERE, "collect.py"), join(folder, "source.zip")], { cwd: ROOT, stdio: "inherit" });
    const pyodide = await loadPyodide();
    pyodide.FS.mkdirTree("/app");
    pyodide.unpackArchive(new Uint8Array(readFileSync(join(folder, "source.zip"))), "zip", { extractDir: "/app" });
    pyodide.runPython(readFileSync(join(HERE, "compile.py"), "utf8"));
    return Buffer.from(pyodide.FS.readFile("/app.zip"));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The example files by group, the first one first. */
function readExamples() {
  const files = (folder) => readdirSync(join(ROOT, folder)).filter((name) => /\.(json|yaml|toml|py|sh)$/.test(name)).sort()
    .map((name) => ({ label: name, name, text: readFileSync(join(ROOT, folder, name), "utf8") }));
  const mistakes = files("examples").sort((one, two) => Number(two.name.startsWith("phi3")) - Number(one.name.startsWith("phi3")));
  return [{ group: "Configs", files: mistakes }, { group: "Files of tools", files: files("docs/examples") }];
}

function provide(name, exported) {
  const source = Object.entries(exported).map(([key, value]) => `export const ${key} = ${JSON.stringify(value)};`).join("\n");
  return {
    name,
    setup(builder) {
      builder.onResolve({ filter: new RegExp(`^virtual:${name}$`) }, () => ({ path: name, namespace: name }));
      builder.onLoad({ filter: /.*/, namespace: name }, () => ({ contents: source, loader: "js" }));
    },
  };
}

const python = given.includes("/") ? resolve(given) : given;
rmSync(target, { recursive: true, force: true });
mkdirSync(join(target, "pyodide"), { recursive: true });
for (const name of RUNTIME) cpSync(join(MODULES, "pyodide", name), join(target, "pyodide", name));
writeFileSync(join(target, "loracheck.zip"), await archivePackage(python));
// pyodide.asm.mjs is a module: its bytes are not seen by fetch.
const counted = [...RUNTIME.filter((name) => !name.endsWith(".mjs")).map((name) => join("pyodide", name)), "loracheck.zip"];
const sizes = Object.fromEntries(counted.map((name) => [name, statSync(join(target, name)).size]));
await build({
  entryPoints: ["main.js", "worker.js", "main.css"].map((name) => join(HERE, "src", name)),
  outdir: target, bundle: true, minify: true, format: "esm", target: "es2022", legalComments: "linked",
  external: ["node:*"], nodePaths: [MODULES],
  plugins: [provide("sizes", { SIZES: sizes }), provide("examples", { EXAMPLES: readExamples() })],
});
const megabytes = Math.ceil(Object.values(sizes).reduce((sum, size) => sum + size, 0) / 1e6);
const page = readFileSync(join(HERE, "src", "index.html"), "utf8").replace("{megabytes}", String(megabytes));
writeFileSync(join(target, "index.html"), page);
console.log(`${basename(target)}: ${megabytes} MB to load`);
