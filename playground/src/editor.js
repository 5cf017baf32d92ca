// The editor: CodeMirror with the language of the file's ending and the findings as its diagnostics.
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { json } from "@codemirror/lang-json";
import { python } from "@codemirror/lang-python";
import { yaml } from "@codemirror/lang-yaml";
import { StreamLanguage, bracketMatching, indentOnInput, syntaxHighlighting } from "@codemirror/language";
import { shell } from "@codemirror/legacy-modes/mode/shell";
import { toml } from "@codemirror/legacy-modes/mode/toml";
import { lintGutter, lintKeymap, setDiagnostics } from "@codemirror/lint";
import { Compartment, EditorState } from "@codemirror/state";
import { EditorView, drawSelection, highlightActiveLine, keymap, lineNumbers } from "@codemirror/view";
import { classHighlighter } from "@lezer/highlight";

const LANGUAGES = {
  json, yaml, yml: yaml, py: python,
  toml: () => StreamLanguage.define(toml),
  sh: () => StreamLanguage.define(shell),
};
const language = new Compartment();
const LEVELS = { error: "error", warning: "warning", note: "info" };

/** An editor in `parent`; `onChange(cursor)` is called after each change by the reader. */
export function createEditor(parent, onChange) {
  return new EditorView({
    parent,
    state: EditorState.create({
      extensions: [
        lineNumbers(), history(), drawSelection(), indentOnInput(), bracketMatching(),
        highlightActiveLine(), lintGutter(), EditorView.lineWrapping,
        syntaxHighlighting(classHighlighter), language.of([]),
        keymap.of([...defaultKeymap, ...historyKeymap, ...lintKeymap, indentWithTab]),
        EditorView.contentAttributes.of({ "aria-label": "The config", autocapitalize: "off" }),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) onChange(update.state.selection.main.head);
        }),
      ],
    }),
  });
}

/** Replaces the text, with the language of the file's ending. */
export function setText(editor, text, name) {
  const ending = name.slice(name.lastIndexOf(".") + 1);
  editor.dispatch({
    changes: { from: 0, to: editor.state.doc.length, insert: text },
    effects: language.reconfigure(LANGUAGES[ending]?.() ?? []),
  });
}

/** Shows the findings at their places, with what may be applied. */
export function showFindings(editor, findings) {
  const end = editor.state.doc.length;
  const diagnostics = findings.map((finding) => ({
    from: Math.min(finding.from, end),
    to: Math.min(finding.to, end),
    severity: LEVELS[finding.severity],
    source: finding.code,
    message: finding.help ? `${finding.message}\nhelp: ${finding.help}` : finding.message,
    actions: finding.actions.map((action) => ({
      name: action.title, apply: (view) => view.dispatch({ changes: action.changes }),
    })),
  }));
  editor.dispatch(setDiagnostics(editor.state, diagnostics));
}
