/** Random bytes, asked for together: asking for a few costs as much as asking for all of these. */
const pool = new Uint8Array(3 * 1024);
let used = pool.length;

/** An unguessable name of `bytes` random bytes, in A-Z a-z 0-9 _ - (base64url). `bytes` is a multiple of 3. */
export function randomName(bytes: number): string {
  if (used + bytes > pool.length) {
    crypto.getRandomValues(pool);
    used = 0;
  }
  const random = pool.subarray(used, used + bytes);
  used += bytes;
  const name = btoa(String.fromCharCode(...random))
    .replaceAll("+", "-")
    .replaceAll("/", "_");
  // Nothing that reads the memory later is to find it.
  random.fill(0);
  return name;
}
