// `node measure.mjs FOLDER`: how long the built page takes in headless Chromium, in milliseconds.
import { waitForAnswer, withPage } from "./browser.mjs";

const KEYS = 100;

function rank(times, share) {
  return Math.round([...times].sort((one, two) => one - two)[Math.min(times.length - 1, Math.floor(times.length * share))]);
}

await withPage(process.argv[2], import.meta.dirname, async ({ browser, address }) => {
  const page = await browser.newPage();
  await page.goto(address);
  const begin = Date.now();
  await page.click("#load");
  await page.waitForFunction(() => performance.getEntriesByName("ready").length, null, { timeout: 300_000 });
  console.log(`load: ${Date.now() - begin}`);
  const sinceReady = () => page.evaluate(() => performance.now() - performance.getEntriesByName("ready")[0].startTime);
  let number = await waitForAnswer(page);
  const took = async () => Number((await page.textContent("#status")).match(/(\d+) ms/)?.[1]);
  console.log(`first check after load: ${await took()} (seen within ${Math.round(await sinceReady())})`);
  await page.click(".cm-content");
  const times = [];
  for (let key = 0; key < KEYS; key += 1) {
    await page.keyboard.press(["x", "Backspace", "1", "Backspace"][key % 4]);
    number = await waitForAnswer(page, number);
    times.push(await took());
  }
  console.log(`after a key: median ${rank(times, 0.5)}, p95 ${rank(times, 0.95)}, longest ${Math.max(...times)}`);
});
