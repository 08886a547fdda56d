import { ActionError } from "../actions/action-error.ts";
import { isSameAuthority } from "../actions/certificates/certificate-reading.ts";
import { asProperties } from "./wire.ts";

/** Is an authority, as an input has it, the one of the state: with another certificate perhaps, but with its name and key? */
export function areSameAuthority(left: unknown, right: unknown): boolean {
  const [one, other] = [asProperties(left)["certificate"], asProperties(right)["certificate"]];
  if (typeof one !== "string" || typeof other !== "string") return false;
  try {
    return isSameAuthority(one, other);
  } catch (error) {
    // One that is not known in a preview is no certificate.
    if (error instanceof ActionError) return false;
    throw error;
  }
}
