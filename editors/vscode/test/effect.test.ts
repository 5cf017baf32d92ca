import assert from "node:assert/strict";
import { test } from "node:test";
import { describeEffect, effectAt, formatCount, type Effect } from "../src/effect";

const one: Effect = { line: 2, words: "one", targeted: 64, trainable: 8_912_896, total: 3_829_992_448 };
const two: Effect = { line: 9, words: "two", targeted: null, trainable: null, total: null };

test("counts read as in loracheck's reports", () => {
  assert.deepEqual([8_912_896, 7.6e9, 512, 40_370_176, 1000].map(formatCount), ["8.91 M", "7.6 B", "512", "40.4 M", "1 k"]);
});

test("the setting at the cursor is shown", () => {
  assert.equal(effectAt([one, two], 0), one);
  assert.equal(effectAt([one, two], 8), one);
  assert.equal(effectAt([one, two], 9), two);
  assert.deepEqual(describeEffect([one, two], 3), { text: "$(layers) LoRA: 8.91 M train", tooltip: "one\ntwo" });
  assert.equal(describeEffect([one, two], 20)?.text, "$(layers) LoRA");
  assert.equal(describeEffect([], 0), undefined);
});
