// What stands beside and below the editor: the list of findings, and the page about what it does.

const WORDS = { error: ["error", "errors"], warning: ["warning", "warnings"], note: ["note", "notes"] };

/** An element with attributes and children; texts are texts, never HTML. */
function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}

/** The words between backticks as code. */
function markCode(text) {
  return text.split("`").map((part, index) => (index % 2 ? element("code", {}, part) : part));
}

/** Fills the list; `go(finding)` and `apply(action)` are called for clicks. */
export function listFindings(list, findings, go, apply) {
  list.replaceChildren(...findings.map((finding) => element("li", { class: `finding ${finding.severity}` },
    element("p", {},
      element("button", { class: "place", onclick: () => go(finding), title: "Show it in the text" },
        `${finding.severity} ${finding.code}, line ${finding.line}`), " ", ...markCode(finding.message)),
    ...(finding.help ? [element("p", {}, "Help: ", ...markCode(finding.help))] : []),
    ...finding.notes.map((note) => element("p", { class: "soft" }, ...markCode(note))),
    ...(finding.actions.length ? [element("p", { class: "actions" }, ...finding.actions.map((action) =>
      element("button", { class: action.safe ? "safe" : "", onclick: () => apply(action) },
        ...markCode(action.title))))] : []),
  )));
}

/** "2 errors, 1 warning" or what else is to be said of an answer. */
export function summarize(answer) {
  if (answer.findings.length === 0) {
    return answer.settings ? "No findings" : "This text sets no LoRA up";
  }
  return Object.entries(WORDS).map(([level, [one, several]]) => {
    const count = answer.findings.filter((finding) => finding.severity === level).length;
    return count ? `${count} ${count === 1 ? one : several}` : "";
  }).filter(Boolean).join(", ");
}

/** Shows the page of `loracheck explain`, in a shadow tree so that its style stays its own. */
export function showPage(host, page) {
  const shadow = host.shadowRoot ?? host.attachShadow({ mode: "open" });
  const parsed = new DOMParser().parseFromString(page, "text/html");
  const style = element("style", {}, parsed.querySelector("style")?.textContent ?? "",
    "main { padding: 0 0 24px; max-width: none; } footer { display: none; } h2 { margin-top: 24px; }");
  const main = parsed.querySelector("main");
  shadow.replaceChildren(style, ...(main ? [main] : []));
}
