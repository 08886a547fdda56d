import { createHash, createHmac, pbkdf2Sync, randomBytes } from "node:crypto";

/** What PostgreSQL's own `scram_iterations` is. */
const ITERATIONS = 4096;

/**
 * The SCRAM-SHA-256 verifier of a password, as `pg_authid.rolpassword` keeps it. Handed to the server instead of the
 * password, so that no log of it ever shows one.
 *
 * @param password ASCII only: others would have to be brought to a normal form first.
 * @see https://www.rfc-editor.org/rfc/rfc5803
 */
export function scramVerifier(
  password: string,
  salt: Buffer = randomBytes(16),
  iterations: number = ITERATIONS,
): string {
  const salted = pbkdf2Sync(password, salt, iterations, 32, "sha256");
  const storedKey = createHash("sha256").update(hmac(salted, "Client Key")).digest("base64");
  const serverKey = hmac(salted, "Server Key").toString("base64");
  return `SCRAM-SHA-256$${iterations}:${salt.toString("base64")}$${storedKey}:${serverKey}`;
}

/** Is this the verifier of that password, whatever salt it was made with? Anything else than a verifier is not. */
export function isVerifierOf(verifier: string, password: string): boolean {
  const [, iterations, salt] = /^SCRAM-SHA-256\$(\d+):([^$]+)\$/.exec(verifier) ?? [];
  if (iterations === undefined || salt === undefined) return false;
  return verifier === scramVerifier(password, Buffer.from(salt, "base64"), Number(iterations));
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}
