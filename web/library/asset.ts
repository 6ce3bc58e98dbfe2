/** Bytes of assets go in, their hashes come out; and both as bytes and as the text that stands for them. */

/** Return the bytes of a hexadecimal number; raise RangeError when it is none. */
export function bytesOfHex(hex: string): Uint8Array {
  if (!/^([0-9a-f]{2})*$/.test(hex)) throw new RangeError(`${hex.slice(0, 80)} is no hexadecimal number`);
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

/** Return bytes as a hexadecimal number. */
export function hexOfBytes(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Return the bytes that base64 stands for; raise DOMException when it is none. */
export function bytesOfBase64(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
}

/** Return the SHA-256 of bytes as a hexadecimal number. */
export async function sha256Of(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return hexOfBytes(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)));
}
