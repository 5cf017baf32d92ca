// What the page holds, as the fragment of its address, which browsers send to nobody.

/** The fragment for a state: its JSON, compressed, in the letters of base64url. */
export async function packState(state) {
  const bytes = await pipe(new TextEncoder().encode(JSON.stringify(state)), new CompressionStream("deflate-raw"));
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** The state of a fragment; null for one that is none. */
export async function unpackState(fragment) {
  try {
    const binary = atob(fragment.replaceAll("-", "+").replaceAll("_", "/"));
    const bytes = Uint8Array.from(binary, (letter) => letter.charCodeAt(0));
    const text = new TextDecoder().decode(await pipe(bytes, new DecompressionStream("deflate-raw")));
    const { text: config, name, model = "", config: pasted = "" } = JSON.parse(text);
    const known = [config, name, model, pasted].every((value) => typeof value === "string");
    return known ? { text: config, name, model, config: pasted } : null;
  } catch {
    return null;
  }
}

async function pipe(bytes, transform) {
  const stream = new Blob([bytes]).stream().pipeThrough(transform);
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
