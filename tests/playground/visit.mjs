// Visits a built playground as a reader would, and prints as JSON what was seen. Arguments: the folder
// with node_modules, and the built page; standard input: {examples: [name, ...], slip, config}.
import { readFileSync } from "node:fs";
import { waitForAnswer, withPage } from "../../playground/browser.mjs";

const [packages, folder] = process.argv.slice(2);
const given = JSON.parse(readFileSync(0, "utf8"));
const seen = { errors: [], strangers: [], examples: {} };

const readText = (page) => page.evaluate(() =>
  [...document.querySelectorAll(".cm-line")].map((line) => line.textContent).join("\n"));
const readFindings = (page) => page.$$eval("#findings > li > p:first-child", (rows) => rows.map((row) => row.textContent));
const readEffect = (page) => page.evaluate(() => document.getElementById("effect").shadowRoot?.textContent ?? "");

async function open(browser, address, options) {
  const page = await browser.newPage({ viewport: { width: 1400, height: 3000 }, ...options });
  page.on("pageerror", (error) => seen.errors.push(String(error)));
  page.on("console", (line) => { if (line.type() === "error") seen.errors.push(line.text()); });
  page.on("request", (request) => {
    const url = request.url();
    if (!url.startsWith(address.split("#")[0]) && !/^(data|blob):/.test(url)) seen.strangers.push(url);
  });
  await page.goto(address);
  return page;
}

async function choose(page, name, number) {
  await page.selectOption("#examples", name);
  return waitForAnswer(page, number);
}

await withPage(folder, packages, async ({ browser, address }) => {
  const page = await open(browser, address);
  seen.before = await page.evaluate(() => performance.getEntriesByType("resource").map((one) => one.name.split("/").pop()));
  await page.click("#load");
  await page.waitForSelector("#bar", { state: "visible" });
  let number = await waitForAnswer(page);
  seen.bar = await page.evaluate(() => document.getElementById("bar").value);
  seen.models = await page.$$eval("#models option", (options) => options.map((option) => option.value));
  for (const name of given.examples) {
    number = await choose(page, name, number);
    await page.waitForTimeout(20);
    seen.examples[name] = await readFindings(page);
  }

  number = await choose(page, "phi3_llama_names.json", number);
  await page.waitForFunction(() => document.getElementById("effect").shadowRoot?.querySelector("svg.map"));
  seen.effect = await readEffect(page);
  await page.click("#findings .actions button");
  number = await waitForAnswer(page, number);
  seen.mended = { text: await readText(page), status: await page.textContent("#status") };

  await page.fill("#model", "Qwen/Qwen2.5-7B");
  await page.press("#model", "Tab");
  number = await waitForAnswer(page, number);
  await page.waitForFunction(() => document.getElementById("effect").shadowRoot.textContent.includes("Qwen2ForCausalLM"));
  seen.other = await readFindings(page);

  await page.click("#share");
  await page.waitForFunction(() => location.hash.length > 20);
  const link = page.url();
  const second = await open(browser, link, { viewport: { width: 390, height: 844 }, colorScheme: "dark" });
  await waitForAnswer(second);
  seen.shared = {
    text: await readText(second), model: await second.inputValue("#model"), findings: await readFindings(second),
  };
  seen.phone = await second.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  const ground = (one) => one.evaluate(() => getComputedStyle(document.body).backgroundColor);
  seen.grounds = [await ground(page), await ground(second)];
  await second.close();

  number = Number(await page.getAttribute("#status", "data-number"));
  await page.fill("#model", "");
  await page.click("#paste summary");
  await page.fill("#config", given.config);
  number = await waitForAnswer(page, number);
  await page.waitForFunction(() => document.getElementById("effect").shadowRoot.textContent.includes("alone"));
  seen.pasted = { effect: await readEffect(page), findings: await readFindings(page) };
  await page.fill("#config", "[");
  await page.waitForFunction(() => document.getElementById("status").textContent.includes("config.json"));
  seen.broken = await page.textContent("#status");
  await page.fill("#config", "");

  number = Number(await page.getAttribute("#status", "data-number"));
  number = await choose(page, "llama_typos.yaml", number);
  await page.click(".cm-content");
  await page.keyboard.press("Control+End");
  await page.keyboard.type(given.slip);
  await page.waitForFunction((slip) => document.getElementById("findings").textContent.includes(slip.trim().split(":")[0]), given.slip);
  seen.typed = await readFindings(page);
  await page.click("#mend");
  await page.waitForFunction(() => document.querySelector(".cm-content").textContent.includes("r: 16"));
  seen.safe = await readText(page);
});
process.stdout.write(JSON.stringify(seen));
