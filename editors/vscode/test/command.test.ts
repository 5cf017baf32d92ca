import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { chooseCommand, type Situation } from "../src/command";

const PYTHON = process.env.LORACHECK_PYTHON ?? "python3"; // one that has loracheck and pygls
const nothing: Situation = { command: [], interpreter: "", chosen: undefined, folders: [], trusted: true };
let folder: string;
let path: string | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "loracheck-"));
  path = process.env.PATH;
  process.env.PATH = folder; // no loracheck of the machine's
});
afterEach(() => {
  process.env.PATH = path;
  rmSync(folder, { recursive: true });
});

/** An environment whose Python starts the real one, or fails. */
function addEnvironment(name: string, fails: boolean): string {
  const place = join(folder, name, "bin", "python");
  mkdirSync(dirname(place), { recursive: true });
  writeFileSync(place, fails ? "#!/bin/sh\nexit 1\n" : `#!/bin/sh\nexec ${PYTHON} "$@"\n`);
  chmodSync(place, 0o755);
  return place;
}

test("the user's own command is taken as it is", async () => {
  const choice = await chooseCommand({ ...nothing, command: ["x", "lsp", "--tcp"] });
  assert.deepEqual(choice, { command: ["x", "lsp", "--tcp"], from: "the setting loracheck.command" });
});

test("the workspace's environment starts the server", async () => {
  const python = addEnvironment(".venv", false);
  assert.deepEqual(await chooseCommand({ ...nothing, folders: [folder] }), {
    command: [python, "-m", "loracheck", "lsp"], from: python,
  });
});

test("an environment without loracheck is passed over", async () => {
  addEnvironment(".venv", true);
  const python = addEnvironment("venv", false);
  const choice = await chooseCommand({ ...nothing, chosen: join(folder, "none"), folders: [folder] });
  assert.ok("command" in choice);
  assert.equal(choice.command[0], python);
});

test("the interpreter of the Python extension comes before the folder's", async () => {
  addEnvironment(".venv", false);
  const chosen = addEnvironment("chosen", false);
  const choice = await chooseCommand({ ...nothing, chosen, folders: [folder] });
  assert.ok("command" in choice && choice.command[0] === chosen);
});

test("of a workspace that is not trusted nothing is run", async () => {
  addEnvironment(".venv", false);
  const chosen = addEnvironment("chosen", false);
  const choice = await chooseCommand({ ...nothing, chosen, folders: [folder], trusted: false });
  assert.match("reason" in choice ? choice.reason : "", /pip install 'loracheck\[lsp\]'/);
});

test("what the path has is the last resort", async () => {
  const place = join(folder, "loracheck");
  writeFileSync(place, `#!/bin/sh\nexit 0\n`);
  chmodSync(place, 0o755);
  symlinkSync("/bin/sh", join(folder, "sh"));
  assert.deepEqual(await chooseCommand({ ...nothing, trusted: false }), { command: ["loracheck", "lsp"], from: "the path" });
});
