import { text } from "./schema-fields.ts";

/** What says where a bucket is: the same in every key of the specification that names one. */

/** @param remedy what to do with another name. */
export function bucketName(remedy: string) {
  return text(
    /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/,
    "must be a bucket name: 3 to 63 characters of a-z 0-9 . -, not beginning or ending with . or -",
    remedy,
  );
}

/** The URL of an S3 server. That it is encrypted is a rule: see `archive-rules.ts`. */
export function s3Endpoint() {
  return text(
    /^https?:\/\/[A-Za-z0-9.-]+(:\d{1,5})?\/?$/,
    "must be a URL of https, host and port, without a path and without credentials",
    "Write for example https://s3.eu-central-1.amazonaws.com, or remove the key.",
  );
}

/** @param key that it is written under. */
export function s3Authority(key: string) {
  return text(
    /^\s*(-----BEGIN CERTIFICATE-----\s[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----\s*)+$/,
    "must be one certificate or several in PEM, from -----BEGIN CERTIFICATE----- on, and no key",
    `Write the text of the file after ${key}: |, or remove the key for an authority that everybody knows.`,
  );
}

export function bucketRegion() {
  return text(/^[a-z0-9-]{2,30}$/, "must be a region such as us-east-1", "Write the bucket's region.");
}
