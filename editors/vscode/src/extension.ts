// The extension: starts `loracheck lsp`, shows how much trains, and the page about a config.
import * as vscode from "vscode";
import { LanguageClient, type LanguageClientOptions, type ServerOptions } from "vscode-languageclient/node";
import { chooseCommand } from "./command";
import { describeEffect, type Effect } from "./effect";

const LANGUAGES = ["yaml", "json", "jsonc", "toml", "python", "shellscript"];
const EXPLAIN = "loracheck.explain"; // the command behind the server's code lenses
const CHECK = "loracheck.checkWorkspace";
const TEXT_SETTINGS = ["model", "peft", "transformers", "config"];
const LIST_SETTINGS = ["select", "extend-select", "ignore", "serve", "policy"];

let client: LanguageClient | undefined;
let output: vscode.LogOutputChannel;
let status: vscode.StatusBarItem;
let asked = 0;

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  output = vscode.window.createOutputChannel("loracheck", { log: true });
  status = vscode.window.createStatusBarItem("loracheck.effect", vscode.StatusBarAlignment.Right, 90);
  status.name = "LoRA";
  status.command = "loracheck.explainConfig";
  context.subscriptions.push(
    output,
    status,
    vscode.commands.registerCommand("loracheck.explainConfig", () => explainActive()),
    vscode.commands.registerCommand("loracheck.checkFolder", checkFolder),
    vscode.commands.registerCommand("loracheck.restart", restart),
    vscode.window.onDidChangeActiveTextEditor(showEffect),
    vscode.window.onDidChangeTextEditorSelection(showEffect),
    vscode.languages.onDidChangeDiagnostics(showEffect),
    vscode.workspace.onDidGrantWorkspaceTrust(restart),
    vscode.workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration("loracheck")) return restart();
    }),
  );
  await start();
}

export async function deactivate(): Promise<void> {
  const ending = client;
  client = undefined;
  await ending?.stop();
}

async function restart(): Promise<void> {
  await deactivate();
  await start();
}

async function start(): Promise<void> {
  const settings = vscode.workspace.getConfiguration("loracheck");
  const choice = await chooseCommand({
    command: settings.get<string[]>("command") ?? [],
    interpreter: settings.get<string>("interpreter") ?? "",
    chosen: await findChosenInterpreter(),
    folders: (vscode.workspace.workspaceFolders ?? []).map((folder) => folder.uri.fsPath),
    trusted: vscode.workspace.isTrusted,
  });
  if ("reason" in choice) {
    output.warn(choice.reason);
    void vscode.window.showWarningMessage(choice.reason);
    return;
  }
  output.info(`${choice.command.join(" ")} (${choice.from})`);
  const [command, ...args] = choice.command;
  const server: ServerOptions = { command, args };
  client = new LanguageClient("loracheck", "loracheck", server, clientOptions(settings));
  await client.start();
  await showEffect();
}

/** The interpreter of the Python extension; undefined where that is not installed or has none. */
async function findChosenInterpreter(): Promise<string | undefined> {
  const extension = vscode.extensions.getExtension("ms-python.python");
  if (!extension) return undefined;
  const api = extension.isActive ? extension.exports : await extension.activate();
  const environments = api?.environments;
  const path = environments?.getActiveEnvironmentPath(vscode.workspace.workspaceFolders?.[0]?.uri);
  const found = path && (await environments.resolveEnvironment(path));
  return found?.executable?.uri?.fsPath;
}

function clientOptions(settings: vscode.WorkspaceConfiguration): LanguageClientOptions {
  return {
    documentSelector: LANGUAGES.flatMap((language) => [
      { scheme: "file", language }, { scheme: "untitled", language },
    ]),
    initializationOptions: readOptions(settings),
    outputChannel: output,
    synchronize: { fileEvents: vscode.workspace.createFileSystemWatcher("**/{loracheck.toml,pyproject.toml,*.lock,config.json}") },
    middleware: {
      // A code lens opens the page, where other editors show the server's message.
      executeCommand: (command, words, next) =>
        command === EXPLAIN && typeof words[0] === "string" ? explain(vscode.Uri.parse(words[0])) : next(command, words),
    },
  };
}

/** The settings that the server knows; empty ones are left out. */
function readOptions(settings: vscode.WorkspaceConfiguration): Record<string, unknown> {
  const options: Record<string, unknown> = {};
  for (const name of [...TEXT_SETTINGS, ...LIST_SETTINGS]) {
    const value = settings.get<string | string[]>(name);
    if (value?.length) options[name] = value;
  }
  return { ...options, workspace: settings.get<boolean>("workspace") === true };
}

/** Shows what the active text's setting does in the status bar; nothing for a text without one. */
async function showEffect(): Promise<void> {
  const editor = vscode.window.activeTextEditor;
  const number = ++asked;
  const asking = client;
  if (!editor || !asking?.isRunning() || !LANGUAGES.includes(editor.document.languageId)) {
    status.hide();
    return;
  }
  let effects: Effect[];
  try {
    effects = await asking.sendRequest<Effect[]>("loracheck/effects", { uri: editor.document.uri.toString() });
  } catch (error) {
    output.debug(String(error)); // the server is being stopped
    return;
  }
  if (number !== asked) return;
  const words = describeEffect(effects, editor.selection.active.line);
  if (words) {
    status.text = words.text;
    status.tooltip = words.tooltip;
    status.show();
  } else {
    status.hide();
  }
}

async function explainActive(): Promise<void> {
  const editor = vscode.window.activeTextEditor;
  if (editor) await explain(editor.document.uri);
}

/** Opens the page about a text beside it. The page loads nothing: its own policy forbids it. */
async function explain(uri: vscode.Uri): Promise<void> {
  const page = await client?.sendRequest<string | null>("loracheck/page", { uri: uri.toString() });
  if (!page) {
    void vscode.window.showInformationMessage("loracheck knows nothing of this text: no server runs, or it is no config.");
    return;
  }
  const name = uri.path.slice(uri.path.lastIndexOf("/") + 1);
  const panel = vscode.window.createWebviewPanel(
    "loracheck.page", `${name}: what it does`, vscode.ViewColumn.Beside, { enableScripts: false, localResourceRoots: [] },
  );
  panel.webview.html = page;
}

async function checkFolder(): Promise<void> {
  const count = await client?.sendRequest<number>("workspace/executeCommand", { command: CHECK, arguments: [] });
  if (count !== undefined) {
    void vscode.window.showInformationMessage(`loracheck: ${count} ${count === 1 ? "finding" : "findings"} in the workspace`);
  }
}
