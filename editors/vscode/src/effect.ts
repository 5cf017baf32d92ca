// What the server tells of a text's LoRA settings, as the status bar shows it.

/** One setting, as the request `loracheck/effects` gives it. */
export interface Effect {
  line: number;
  words: string;
  targeted: number | null;
  trainable: number | null;
  total: number | null;
}

const UNITS: [number, string][] = [[1e9, "B"], [1e6, "M"], [1e3, "k"]];

/** `8.91 M`, as loracheck's own reports write counts. */
export function formatCount(count: number): string {
  for (const [size, unit] of UNITS) {
    if (count >= size) return `${Number((count / size).toPrecision(3))} ${unit}`;
  }
  return String(count);
}

/** The setting that a line stands in: the last one that begins above it, else the first. */
export function effectAt(effects: readonly Effect[], line: number): Effect | undefined {
  return effects.filter((effect) => effect.line <= line).at(-1) ?? effects[0];
}

/** The words of the status bar and its tooltip; undefined where the text sets no LoRA up. */
export function describeEffect(effects: readonly Effect[], line: number): { text: string; tooltip: string } | undefined {
  const effect = effectAt(effects, line);
  if (!effect) return undefined;
  const number = effect.trainable === null ? "LoRA" : `LoRA: ${formatCount(effect.trainable)} train`;
  return { text: `$(layers) ${number}`, tooltip: effects.map((one) => one.words).join("\n") };
}
