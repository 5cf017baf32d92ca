// Stands for the module `vscode`, which exists in a running VS Code alone: as much of it as the
// extension and vscode-languageclient use. What the extension shows is kept in `shown`.
import { pathToFileURL } from "node:url";

type Listener = (value: any) => unknown;

export class Disposable {
  constructor(private readonly end: () => unknown = () => undefined) {}
  static from(...all: { dispose(): unknown }[]): Disposable {
    return new Disposable(() => all.forEach((one) => one.dispose()));
  }
  dispose(): void { this.end(); }
}

export class EventEmitter {
  private readonly listeners = new Set<Listener>();
  event = (listener: Listener, self?: unknown): Disposable => {
    const bound = self ? listener.bind(self) : listener;
    this.listeners.add(bound);
    return new Disposable(() => this.listeners.delete(bound));
  };
  fire(value?: unknown): void { for (const listener of [...this.listeners]) listener(value); }
  dispose(): void { this.listeners.clear(); }
}

export class Uri {
  private constructor(readonly scheme: string, readonly path: string) {}
  static parse(text: string): Uri {
    const url = new URL(text);
    return new Uri(url.protocol.slice(0, -1), decodeURIComponent(url.pathname));
  }
  static file(path: string): Uri { return new Uri("file", path); }
  get fsPath(): string { return this.path; }
  get authority(): string { return ""; }
  get query(): string { return ""; }
  get fragment(): string { return ""; }
  with(): Uri { return this; }
  toString(): string { return pathToFileURL(this.path).href; }
}

export class Position {
  constructor(readonly line: number, readonly character: number) {}
}
export class Range {
  constructor(readonly start: Position, readonly end: Position) {}
}
export class Selection extends Range {
  get active(): Position { return this.end; }
}
export class Location { constructor(readonly uri: Uri, readonly range: Range) {} }
export class Diagnostic {
  source?: string; code?: unknown; relatedInformation?: unknown; tags?: unknown;
  constructor(readonly range: Range, readonly message: string, readonly severity: number) {}
}
export class DiagnosticRelatedInformation { constructor(readonly location: Location, readonly message: string) {} }
export class CancellationError extends Error {}
export class CancellationTokenSource {
  private readonly emitter = new EventEmitter();
  token = { isCancellationRequested: false, onCancellationRequested: this.emitter.event };
  cancel(): void { this.token.isCancellationRequested = true; this.emitter.fire(); }
  dispose(): void { this.emitter.dispose(); }
}
class Item { constructor(readonly first?: unknown, readonly second?: unknown) {} }
export class CompletionItem extends Item {}
export class CodeLens extends Item {}
export class DocumentLink extends Item {}
export class CodeAction extends Item {}
export class CallHierarchyItem extends Item {}
export class TypeHierarchyItem extends Item {}
export class SymbolInformation extends Item {}
export class InlayHint extends Item {}
export class CodeActionKind {
  static Empty = new CodeActionKind("");
  static QuickFix = new CodeActionKind("quickfix");
  constructor(readonly value: string) {}
  append(part: string): CodeActionKind { return new CodeActionKind(`${this.value}.${part}`); }
}
export class RelativePattern extends Item {}
export class NotebookCellOutputItem extends Item {}
export const DiagnosticSeverity = { Error: 0, Warning: 1, Information: 2, Hint: 3 };
export const DiagnosticTag = { Unnecessary: 1, Deprecated: 2 };
export const StatusBarAlignment = { Left: 1, Right: 2 };
export const ViewColumn = { Beside: -2 };
export const ProgressLocation = { Window: 10, Notification: 15 };
export const CompletionItemKind: Record<string, number> = {};
export const CompletionItemTag = { Deprecated: 1 };
export const SymbolKind: Record<string, number> = {};
export const SymbolTag = { Deprecated: 1 };
export const TextDocumentSaveReason = { Manual: 1, AfterDelay: 2, FocusOut: 3 };
export const TextDocumentChangeReason = { Undo: 1, Redo: 2 };
export const FoldingRangeKind: Record<string, number> = {};
export const NotebookCellKind = { Markup: 1, Code: 2 };
export const ConfigurationTarget = { Global: 1, Workspace: 2, WorkspaceFolder: 3 };
export const LogLevel = { Off: 0, Trace: 1, Debug: 2, Info: 3, Warning: 4, Error: 5 };

/** What the extension has shown so far, and what the tests set. */
export const shown = {
  settings: {} as Record<string, unknown>, messages: [] as string[], log: [] as string[],
  panels: [] as { title: string; webview: { html: string } }[],
  status: { text: "", tooltip: "", visible: false }, commands: new Map<string, (...words: any[]) => any>(),
  diagnostics: new Map<string, Diagnostic[]>(), watchers: [] as string[],
};
const events = {
  opened: new EventEmitter(), changed: new EventEmitter(), closed: new EventEmitter(), saved: new EventEmitter(),
  active: new EventEmitter(), selection: new EventEmitter(), told: new EventEmitter(), settings: new EventEmitter(),
  trusted: new EventEmitter(),
};
const never = new EventEmitter().event;

export class TextDocument {
  version = 1;
  isClosed = false;
  constructor(readonly uri: Uri, readonly languageId: string, private text: string) {}
  get fileName(): string { return this.uri.fsPath; }
  getText(): string { return this.text; }
  /** Replaces the text as an edit by the user does. */
  type(text: string): void {
    this.text = text;
    this.version += 1;
    events.changed.fire({ document: this, contentChanges: [{ text }], reason: undefined });
  }
}

/** Opens a text in an editor of its own, with the cursor in a line. */
export function openText(path: string, languageId: string, text: string, line = 0): TextDocument {
  const document = new TextDocument(Uri.file(path), languageId, text);
  const before = workspace.textDocuments.find((one) => one.fileName === path);
  if (before) {
    workspace.textDocuments.splice(workspace.textDocuments.indexOf(before), 1);
    events.closed.fire(before);
  }
  workspace.textDocuments.push(document);
  events.opened.fire(document);
  const place = new Position(line, 0);
  window.activeTextEditor = { document, selection: new Selection(place, place) };
  window.visibleTextEditors = [window.activeTextEditor];
  events.active.fire(window.activeTextEditor);
  return document;
}

/** Sets one of the extension's settings as the user's. */
export function changeSetting(name: string, value: unknown): void {
  shown.settings[name] = value;
  events.settings.fire({ affectsConfiguration: (section: string) => section === "loracheck" });
}

const channel = () => {
  const write = (line: string) => { shown.log.push(line); };
  return {
    name: "loracheck", append: write, appendLine: write, info: write, warn: write, error: write, debug: write, trace: write,
    replace: write, clear() {}, show() {}, hide() {}, dispose() {}, logLevel: LogLevel.Info, onDidChangeLogLevel: never,
  };
};

export const window = {
  activeTextEditor: undefined as any, visibleTextEditors: [] as any[],
  tabGroups: { all: [] as any[], onDidChangeTabs: never, onDidChangeTabGroups: never },
  createOutputChannel: channel,
  createStatusBarItem: () => ({
    set text(value: string) { shown.status.text = value; },
    set tooltip(value: string) { shown.status.tooltip = value; },
    name: "", command: "", show() { shown.status.visible = true; }, hide() { shown.status.visible = false; }, dispose() {},
  }),
  createWebviewPanel: (_kind: string, title: string) => {
    const panel = { title, webview: { html: "" } };
    shown.panels.push(panel);
    return panel;
  },
  showInformationMessage: async (text: string) => { shown.messages.push(text); },
  showWarningMessage: async (text: string) => { shown.messages.push(text); },
  showErrorMessage: async (text: string) => { shown.messages.push(text); },
  withProgress: async (_options: unknown, work: Function) => work({ report() {} }, new CancellationTokenSource().token),
  onDidChangeActiveTextEditor: events.active.event, onDidChangeTextEditorSelection: events.selection.event,
  onDidChangeVisibleTextEditors: never,
};

export const workspace = {
  workspaceFolders: undefined as any, name: "test", isTrusted: true, textDocuments: [] as TextDocument[],
  notebookDocuments: [] as any[],
  getConfiguration: (section?: string) => ({
    get: (name: string, usual?: unknown) => (section === "loracheck" ? shown.settings[name] : undefined) ?? usual,
    has: () => false, inspect: () => undefined,
  }),
  createFileSystemWatcher: (pattern: string) => {
    shown.watchers.push(pattern);
    return { onDidCreate: never, onDidChange: never, onDidDelete: never, dispose() {} };
  },
  getWorkspaceFolder: () => workspace.workspaceFolders?.[0],
  onDidOpenTextDocument: events.opened.event, onDidChangeTextDocument: events.changed.event,
  onDidCloseTextDocument: events.closed.event, onDidSaveTextDocument: events.saved.event,
  onDidChangeConfiguration: events.settings.event, onDidGrantWorkspaceTrust: events.trusted.event,
  onDidChangeWorkspaceFolders: never, onWillSaveTextDocument: never, onDidCreateFiles: never, onDidRenameFiles: never,
  onDidDeleteFiles: never, onWillCreateFiles: never, onWillRenameFiles: never, onWillDeleteFiles: never,
  onDidOpenNotebookDocument: never, onDidCloseNotebookDocument: never, onDidChangeNotebookDocument: never,
  onDidSaveNotebookDocument: never, applyEdit: async () => true, registerTextDocumentContentProvider: () => new Disposable(),
};

export const commands = {
  registerCommand: (name: string, run: (...words: any[]) => any) => {
    if (shown.commands.has(name)) throw new Error(`command '${name}' already exists`);
    shown.commands.set(name, run);
    return new Disposable(() => shown.commands.delete(name));
  },
  executeCommand: async (name: string, ...words: any[]) => shown.commands.get(name)?.(...words),
};

const register = () => new Disposable();
export const languages = new Proxy({
  createDiagnosticCollection: () => ({
    set(uri: Uri, found: Diagnostic[]) {
      shown.diagnostics.set(uri.toString(), found);
      events.told.fire({ uris: [uri] });
    },
    delete(uri: Uri) { shown.diagnostics.delete(uri.toString()); },
    clear() { shown.diagnostics.clear(); }, dispose() {}, has: () => false, forEach() {},
  }),
  onDidChangeDiagnostics: events.told.event,
  match: (selector: any, document: TextDocument) =>
    [selector].flat().some((one) => one.language === document.languageId && one.scheme === document.uri.scheme) ? 10 : 0,
} as Record<string, unknown>, { get: (all, name: string) => all[name] ?? register });

export const extensions = { getExtension: (_name: string) => undefined as any };
export const env = { appName: "test", language: "en", machineId: "", appHost: "desktop", openExternal: async () => true };
export const version = "1.91.0";
export const l10n = { t: (text: string) => text };

