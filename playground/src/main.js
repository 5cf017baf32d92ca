// The page: examples, model, text, and what loracheck says of them.
import { EXAMPLES } from "virtual:examples";
import { createEditor, setText, showFindings } from "./editor.js";
import { listFindings, showPage, summarize } from "./panel.js";
import { packState, unpackState } from "./share.js";

const find = (id) => document.getElementById(id);
const DELAY = 60; // milliseconds without a key before a text is judged
const state = { worker: null, ready: false, number: 0, timer: 0, cursor: null, busy: false, again: null, readable: true };

const editor = createEditor(find("editor"), (cursor) => { state.cursor = cursor; schedule(DELAY); });

function schedule(delay) {
  clearTimeout(state.timer);
  state.timer = setTimeout(() => { start(); ask(); }, delay);
}

function start() {
  if (state.worker) return;
  find("load").hidden = true;
  find("progress").hidden = false;
  state.worker = new Worker("worker.js", { type: "module" });
  state.worker.onmessage = ({ data }) => ANSWERS[data.kind](data);
  state.worker.onerror = (event) => ANSWERS.failed({ reason: event.message || "the worker ended" });
}

const ANSWERS = {
  progress({ part }) {
    find("bar").value = part;
    find("percent").textContent = `${Math.floor(part * 100)} %`;
  },
  ready({ models, version }) {
    find("progress").hidden = true;
    find("models").replaceChildren(...models.map((id) => new Option(id, id)));
    find("version").textContent = `loracheck ${version}, ${models.length} models`;
    state.ready = true;
    performance.mark("ready");
    ask();
  },
  failed({ reason }) {
    find("progress").hidden = true;
    find("status").textContent = `It could not be loaded: ${reason}`;
  },
  check({ number, answer, took }) {
    if (number === state.number) show(answer, took);
    if (answer.fault) next();
  },
  page({ number, page }) {
    next();
    if (number !== state.number) return;
    find("empty").hidden = page !== "";
    if (page !== "" || state.readable) showPage(find("effect"), page);
  },
  mend({ answer }) {
    next();
    if (answer.fault) find("status").textContent = answer.fault;
    else replace(answer.text);
  },
};

/** Sends the text as it stands; one that changes meanwhile is sent when the answer is here. */
function ask(kind = "check") {
  if (!state.ready) return;
  if (state.busy) { state.again = state.again === "mend" ? "mend" : kind; return; }
  state.busy = true;
  state.again = null;
  state.number += 1;
  state.worker.postMessage({ number: state.number, kind, request: { ...read(), cursor: state.cursor } });
}

function next() {
  state.busy = false;
  if (state.again) ask(state.again);
}

function read() {
  return {
    text: editor.state.doc.toString(), name: find("name").value,
    model: find("model").value.trim(), config: find("config").value,
  };
}

function show(answer, took) {
  const status = find("status");
  if (answer.fault) {
    status.textContent = answer.fault;
    return;
  }
  status.textContent = `${summarize(answer)} · ${Math.max(1, Math.round(took))} ms`;
  status.dataset.number = state.number;
  showFindings(editor, answer.findings);
  listFindings(find("findings"), answer.findings, go, apply);
  find("mend").hidden = !answer.findings.some(({ actions }) => actions.some(({ safe }) => safe));
  state.readable = answer.readable;
}

function go(finding) {
  editor.dispatch({ selection: { anchor: finding.from, head: finding.to }, scrollIntoView: true });
  editor.focus();
}

function apply(action) {
  editor.dispatch({ changes: action.changes });
  settle();
}

function replace(text) {
  editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: text } });
  settle();
}

/** Judges the text as one that nobody is typing in the middle of. */
function settle() {
  state.cursor = null;
  schedule(0);
}

function open({ text, name, model = "", config = "" }) {
  if (![...find("name").options].some((option) => option.value === name)) {
    find("name").add(new Option(name, name));
  }
  find("name").value = name;
  find("model").value = model;
  find("config").value = config;
  find("paste").open = config !== "";
  setText(editor, text, name);
  clearTimeout(state.timer);
  state.cursor = null;
}

async function share() {
  history.replaceState(null, "", `#${await packState(read())}`);
  try {
    await navigator.clipboard.writeText(location.href);
    find("status").textContent = "The link is in the clipboard, and in the address bar";
  } catch {
    find("status").textContent = "The link is in the address bar";
  }
}

find("examples").append(...EXAMPLES.map(({ group, files }) => {
  const made = document.createElement("optgroup");
  made.label = group;
  made.append(...files.map(({ label, name }) => new Option(label, name)));
  return made;
}));
find("examples").onchange = ({ target }) => {
  const all = EXAMPLES.flatMap(({ files }) => files);
  const chosen = all.find(({ name }) => name === target.value);
  if (chosen) { open(chosen); settle(); }
  target.value = "";
};
find("name").onchange = () => { setText(editor, editor.state.doc.toString(), find("name").value); settle(); };
find("model").onchange = settle;
find("config").oninput = settle;
find("share").onclick = share;
find("load").onclick = settle;
find("mend").onclick = () => ask("mend");

async function begin() {
  const shared = location.hash.length > 1 ? await unpackState(location.hash.slice(1)) : null;
  open(shared ?? EXAMPLES[0].files[0]);
  if (shared) settle();
}
window.onhashchange = begin;
begin();
