const DAY = 24 * 60 * 60_000;

/** What is left of a certificate when it is renewed; of one that lives for less than 90 days, a third of its life. */
export const RENEWAL_DAYS = 30;

export interface CertificateAge {
  readonly expires: Date;
  /** How long it lives from its beginning. */
  readonly days: number;
  readonly now: Date;
}

/** Is a certificate to be renewed? Under 30 days are left, or under a third of its life, if that is less. */
export function renewalDue({ expires, days, now }: CertificateAge): boolean {
  return expires.getTime() - now.getTime() < Math.min(RENEWAL_DAYS, days / 3) * DAY;
}

/** `expires on 2026-12-01, in 10 days`, with whole days. */
export function describeExpiry(expires: Date, now: Date): string {
  const date = expires.toISOString().slice(0, 10);
  const left = expires.getTime() - now.getTime();
  if (left <= 0) return `expired on ${date}, ${days(Math.floor(-left / DAY))} ago`;
  return `expires on ${date}, in ${days(Math.floor(left / DAY))}`;
}

function days(count: number): string {
  if (count === 0) return "less than a day";
  return count === 1 ? "1 day" : `${count} days`;
}
