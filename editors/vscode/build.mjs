// `node build.mjs [PACKAGES]`: the extension and its tests, each as one file, into dist/; the schemas
// of the repository beside them. Packages come from the node_modules of PACKAGES, or of this folder.
import { cpSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const HERE = dirname(fileURLToPath(import.meta.url));
const packages = resolve(process.argv[2] ?? HERE);
const target = process.argv[3] ? resolve(process.argv[3]) : join(HERE, "dist");
const { build } = createRequire(join(packages, "/"))("esbuild");
const usual = { bundle: true, platform: "node", target: "node20", format: "cjs", nodePaths: [join(packages, "node_modules")] };

rmSync(target, { recursive: true, force: true });
await build({
  ...usual, entryPoints: [join(HERE, "src/extension.ts")], outfile: join(target, "extension.js"),
  external: ["vscode"], minify: true, legalComments: "linked",
});
await build({
  ...usual, entryPoints: ["command", "effect", "extension"].map((name) => join(HERE, `test/${name}.test.ts`)),
  outdir: join(target, "test"), alias: { vscode: join(HERE, "test/vscode.ts") },
});
mkdirSync(join(target, "schemas"));
const { contributes } = JSON.parse(readFileSync(join(HERE, "package.json"), "utf8"));
for (const { url } of [...contributes.jsonValidation, ...contributes.yamlValidation]) {
  const name = url.slice(url.lastIndexOf("/") + 1);
  cpSync(join(HERE, "../../schemas/schemastore", name), join(target, "schemas", name));
}
