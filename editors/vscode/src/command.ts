// Which command starts the server: the user's own, the workspace's environment, or the path's.
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";

/** What is known when a server is to be started. */
export interface Situation {
  /** `loracheck.command`: the whole command, where the user gave one. */
  command: readonly string[];
  /** `loracheck.interpreter`: a Python, where the user named one. */
  interpreter: string;
  /** The interpreter that the Python extension has chosen; undefined without that extension. */
  chosen: string | undefined;
  /** The workspace's folders. */
  folders: readonly string[];
  /** Whether the user trusts the workspace: only then are its programs run. */
  trusted: boolean;
}

/** A command and why it was taken; or why there is none. */
export type Choice = { command: [string, ...string[]]; from: string } | { reason: string };

const MODULES = ["-c", "import loracheck, pygls"];
const SECONDS = 20;

/** The environments that a folder may have, as `python -m venv` and uv make them. */
function listEnvironments(folder: string): string[] {
  const python = process.platform === "win32" ? ["Scripts", "python.exe"] : ["bin", "python"];
  return [".venv", "venv"].map((name) => join(folder, name, ...python)).filter((path) => existsSync(path));
}

/** Whether a program ends without an error. */
function succeeds(program: string, words: string[]): Promise<boolean> {
  return new Promise((resolve) => {
    execFile(program, words, { timeout: SECONDS * 1000, windowsHide: true }, (error) => resolve(error === null));
  });
}

/** The first command of which it is known that it can start a server. */
export async function chooseCommand(known: Situation): Promise<Choice> {
  const [program, ...words] = known.command;
  if (program) return { command: [program, ...words], from: "the setting loracheck.command" };
  const own = known.trusted ? known.folders.flatMap(listEnvironments) : [];
  const pythons: [string | undefined, string][] = [
    [known.interpreter, "the setting loracheck.interpreter"],
    [known.trusted ? known.chosen : undefined, "the interpreter of the Python extension"],
    ...own.map((path): [string, string] => [path, path]),
  ];
  for (const [python, from] of pythons) {
    if (python && (await succeeds(python, MODULES))) {
      return { command: [python, "-m", "loracheck", "lsp"], from };
    }
  }
  if (await succeeds("loracheck", ["--version"])) return { command: ["loracheck", "lsp"], from: "the path" };
  return { reason: "No Python here has loracheck: pip install 'loracheck[lsp]' in the workspace's environment." };
}
