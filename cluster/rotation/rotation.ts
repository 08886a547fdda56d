/**
 * Replacing a credential of a running cluster, as plain data: which states there are, which step comes next, and what
 * a step changes where. Nothing is done here.
 *
 * Whoever shows a credential and whoever checks it cannot change at the same instant, and at any instant the leader
 * may be lost and another member lead. So one change is three steps: the new credential is made good for those who
 * check, then those who show one move to it, one after the other, and last the old one is made good for nothing.
 * Before, within and after each of them everybody gets in. The state alone, with the goal, says what comes next:
 * whoever finds a rotation half done takes it up where it is.
 *
 * Credentials are told apart by their generation: 1 for what a cluster is made with, and one more for each rotation.
 */

/** 1, 2, … */
export type Generation = number;

/** Where the logins of a purpose stand. The two roles take turns: see `roleOfGeneration`. */
export interface RoleRotation {
  /** The generation that everybody logs in by. */
  readonly active: Generation;
  /** The generations that the database lets in, oldest first. A role of none of them cannot log in. */
  readonly accepted: readonly Generation[];
}

/** Where the certificates of a cluster stand. */
export interface AuthorityRotation {
  /** The generation of the authority that signs certificates. */
  readonly issuing: Generation;
  /** The generations that every part trusts, oldest first: what `caBundle` is made of. */
  readonly trusted: readonly Generation[];
}

/** One step on the way to another password. */
export interface RoleStep {
  readonly step: "open" | "move" | "close";
  readonly generation: Generation;
  /**
   * `database`: at the leader, from where the standbys have it. `open` gives the role a new password and lets it log
   * in; `close` takes both away, and ends the role's sessions.
   * `logins`: in the configuration of each who logs in, name and password together, one after the other.
   */
  readonly where: "database" | "logins";
}

/** One step on the way to another authority. */
export interface AuthorityStep {
  readonly step: "trust" | "issue" | "distrust";
  readonly generation: Generation;
  /**
   * `bundles`: the trusted authorities of each part, which takes them up while it runs.
   * `certificates`: the certificate and the key of each part, likewise.
   */
  readonly where: "bundles" | "certificates";
}

/** What a new cluster starts with. */
export const firstRoles: RoleRotation = { active: 1, accepted: [1] };

/** What a new cluster starts with. */
export const firstAuthority: AuthorityRotation = { issuing: 1, trusted: [1] };

/** Of the two roles of a purpose, the one that has this generation's password. */
export function roleOfGeneration([first, second]: readonly [string, string], generation: Generation): string {
  return generation % 2 === 1 ? first : second;
}

/**
 * What comes next on the way to a generation; undefined when it is the only one that counts.
 *
 * @throws RangeError when the goal is older than what is in use: a generation that is gone does not come back.
 */
export function nextRoleStep({ active, accepted }: RoleRotation, goal: Generation): RoleStep | undefined {
  const next = nextMove({ inUse: active, good: accepted }, goal);
  return next && { ...roleSteps[next.move], generation: next.generation };
}

/** @see nextRoleStep */
export function nextAuthorityStep(
  { issuing, trusted }: AuthorityRotation,
  goal: Generation,
): AuthorityStep | undefined {
  const next = nextMove({ inUse: issuing, good: trusted }, goal);
  return next && { ...authoritySteps[next.move], generation: next.generation };
}

/** The state when a step is done. Done twice it is the same. */
export function afterRoleStep(
  { active, accepted }: RoleRotation,
  { step, generation }: RoleStep,
): RoleRotation {
  const move = { open: "admit", move: "use", close: "retire" } as const;
  const { inUse, good } = afterMove({ inUse: active, good: accepted }, { move: move[step], generation });
  return { active: inUse, accepted: good };
}

/** @see afterRoleStep */
export function afterAuthorityStep(
  { issuing, trusted }: AuthorityRotation,
  { step, generation }: AuthorityStep,
): AuthorityRotation {
  const move = { trust: "admit", issue: "use", distrust: "retire" } as const;
  const { inUse, good } = afterMove({ inUse: issuing, good: trusted }, { move: move[step], generation });
  return { issuing: inUse, trusted: good };
}

/**
 * The authorities that a part trusts, as one file: each certificate once, in the given order.
 *
 * @param certificates PEM, each of one certificate or several.
 * @throws RangeError when there is none, or when one is no certificate; it does not say what stands there instead.
 */
export function caBundle(certificates: readonly string[]): string {
  const found = certificates.flatMap((pem, index) => {
    const blocks = pem.replaceAll("\r", "").match(pemCertificate);
    const rest = pem.replaceAll("\r", "").replaceAll(pemCertificate, "");
    if (blocks === null || rest.includes("-----BEGIN")) {
      throw new RangeError(`certificate ${index + 1} of the trusted authorities is no certificate in PEM`);
    }
    return blocks;
  });
  if (found.length === 0) throw new RangeError("there is no authority to trust: nobody would get in");
  return [...new Set(found)].map((block) => `${block}\n`).join("");
}

/**
 * What a part trusts once it is told of an authority: that one, and of the former ones those that it trusts already.
 * Whatever else stands there is nobody's.
 *
 * @param former PEM of the authorities before; empty where there was none.
 * @param found PEM that the part trusts now.
 */
export function bundleKeeping(authority: string, former: string, found: string): string {
  const known = new Set(certificatesIn(former));
  return caBundle([authority, ...certificatesIn(found).filter((one) => known.has(one))]);
}

/** Does a part trust any certificate of a text? */
export function trustsAnyOf(found: string, certificates: string): boolean {
  const trusted = new Set(certificatesIn(found));
  return certificatesIn(certificates).some((one) => trusted.has(one));
}

/** Rotations that are begun before an earlier one has ended do not pile up for ever. */
const FORMER_CERTIFICATES = 8;

/**
 * The authorities before one, the latest first: what a part may still trust, or show a certificate of.
 *
 * @param before PEM of the one that it follows.
 * @param former PEM of those before that; empty where there was none.
 * @returns PEM; empty where all of them count still.
 */
export function formerAuthorities(authority: string, before: string, former: string): string {
  const current = new Set(certificatesIn(authority));
  const others = [...certificatesIn(before), ...certificatesIn(former)].filter((one) => !current.has(one));
  return [...new Set(others)]
    .slice(0, FORMER_CERTIFICATES)
    .map((one) => `${one}\n`)
    .join("");
}

function certificatesIn(pem: string): readonly string[] {
  return pem.replaceAll("\r", "").match(pemCertificate) ?? [];
}

const pemCertificate = /-----BEGIN CERTIFICATE-----\n[A-Za-z0-9+/=\n]+-----END CERTIFICATE-----/g;

/** What roles and authorities have in common. */
interface Held {
  readonly inUse: Generation;
  readonly good: readonly Generation[];
}

interface Move {
  readonly move: "admit" | "use" | "retire";
  readonly generation: Generation;
}

const roleSteps = {
  admit: { step: "open", where: "database" },
  use: { step: "move", where: "logins" },
  retire: { step: "close", where: "database" },
} as const;

const authoritySteps = {
  admit: { step: "trust", where: "bundles" },
  use: { step: "issue", where: "certificates" },
  retire: { step: "distrust", where: "bundles" },
} as const;

/** One generation at a time: what is neither in use nor next goes first, since two may share a role. */
function nextMove({ inUse, good }: Held, goal: Generation): Move | undefined {
  if (goal < inUse) {
    throw new RangeError(`generation ${goal} is gone: ${inUse} is in use; ask for ${inUse + 1} instead`);
  }
  const next = Math.min(inUse + 1, goal);
  const spent = good.find((generation) => generation !== inUse && generation !== next);
  if (spent !== undefined) return { move: "retire", generation: spent };
  if (next === inUse) return undefined;
  return { move: good.includes(next) ? "use" : "admit", generation: next };
}

function afterMove({ inUse, good }: Held, { move, generation }: Move): Held {
  switch (move) {
    case "admit":
      return { inUse, good: [...new Set([...good, generation])].sort((older, newer) => older - newer) };
    case "use":
      if (!good.includes(generation))
        throw new RangeError(`generation ${generation} is not good for anybody`);
      return { inUse: generation, good };
    case "retire":
      if (inUse === generation) throw new RangeError(`generation ${generation} is in use`);
      return { inUse, good: good.filter((kept) => kept !== generation) };
    default:
      return move satisfies never;
  }
}
