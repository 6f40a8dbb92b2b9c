/** An unguessable name of `bytes` random bytes, in A-Z a-z 0-9 _ - (base64url). `bytes` is a multiple of 3. */
export function randomName(bytes: number): string {
  const random = crypto.getRandomValues(new Uint8Array(bytes));
  return btoa(String.fromCharCode(...random))
    .replaceAll("+", "-")
    .replaceAll("/", "_");
}
