/**
 * How `spiloctl` ends. A script may rely on each of these numbers; none is ever given another meaning.
 *
 * `plan` changes nothing and so refuses nothing: 3 says there that the change itself is one to refuse, as data would be
 * lost. It is not 8, which a verb ends with that stopped and can be told to go on; a plan cannot.
 */
export const exitCodes = {
  done: 0,
  failed: 1,
  usage: 2,
  refused: 3,
  degraded: 4,
  noLeader: 5,
  deadline: 6,
  unreachable: 7,
  dataLoss: 8,
  notAsDeclared: 9,
  wouldBeRefused: 10,
  interrupted: 130,
} as const;

/** One of the numbers. */
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

const meanings: Readonly<Record<ExitCode, string>> = {
  0: "done, or already so; `status`: healthy",
  1: "failed: the error says what and where",
  2: "wrong usage: no such verb or option",
  3: "refused, with the reason; nothing was changed; `plan`: data would be lost",
  4: "`status`: degraded, or something could not be asked",
  5: "`status`: no leader, or failing over",
  6: "the deadline passed: done in part, and the error says how far",
  7: "nobody can be reached, or nobody leads",
  8: "data may be lost, so nothing was changed: needs `--accept-data-loss`",
  9: "`zones probe`: a zone is not as it is declared, and that was not written",
  10: "`plan`: `pulumi up` would refuse the change",
  130: "interrupted: what was half done has been put right",
};

/** The table as `spiloctl help exit-codes` and the manual have it, in the order of the numbers. */
export const exitCodeTable: readonly { readonly code: number; readonly meaning: string }[] = Object.entries(
  meanings,
).map(([code, meaning]) => ({ code: Number(code), meaning }));
