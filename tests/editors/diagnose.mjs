// Reads {schemas, cases} as JSON from standard input and prints, for each case, what the language
// services that editors use say of its text: [[line, first column, end column, message], ...].
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

const require = createRequire(process.argv[2] + "/");
const yamlServices = require("yaml-language-server");
const jsonServices = require("vscode-json-languageservice");
const { TextDocument } = require("vscode-languageserver-textdocument");
const Ajv = require("ajv");

const nothingElse = async (uri) => { throw new Error(`the schema asks for ${uri}`); };
const { schemas, cases } = JSON.parse(readFileSync(0, "utf8"));
const yaml = yamlServices.getLanguageService({
  schemaRequestService: nothingElse,
  workspaceContext: { resolveRelativePath: (path) => path },
});
const json = jsonServices.getLanguageService({ schemaRequestService: nothingElse });
const files = Object.entries(schemas).map(([name, schema]) => ({
  uri: schema.$id, schema, fileMatch: [`${name}-*`],
}));
yaml.configure({ validate: true, completion: true, hover: true, schemas: files });
json.configure({ validate: true, schemas: files });

async function diagnose({ schema, language, text }, index) {
  const document = TextDocument.create(`file:///${schema}-${index}.${language}`, language, 1, text);
  const found = language === "yaml"
    ? await yaml.doValidation(document, false)
    : await json.doValidation(document, json.parseJSONDocument(document));
  return found.map(({ range, message }) => [range.start.line, range.start.character,
    range.end.character, message]);
}

async function complete({ schema, text }, index) {
  const document = TextDocument.create(`file:///${schema}-${index}.yaml`, "yaml", 1, text);
  const found = await yaml.doComplete(document, document.positionAt(text.length), false);
  return found.items.map((item) => item.label);
}

function compile(schema) {
  const words = ["errorMessage", "patternErrorMessage"];
  new Ajv({ strict: true, strictTypes: false, strictRequired: false, keywords: words }).compile(schema);
  return [];
}

const answers = [];
for (const [index, one] of cases.entries()) {
  if (one.language === "complete") answers.push(await complete(one, index));
  else if (one.language === "compile") answers.push(compile(schemas[one.schema]));
  else answers.push(await diagnose(one, index));
}
process.stdout.write(JSON.stringify(answers));
