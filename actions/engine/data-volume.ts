/** A volume as its labels tell it. */
export interface VolumeOfPart {
  readonly name: string;
  /** Kind of the part that it is of: `member`, `voter`, `s3` … */
  readonly part: string;
}

/** Whether one of these kinds of parts has its data there, and not only certificates and keys, which are made anew. */
export function isDataOf({ name, part }: VolumeOfPart, kinds: readonly string[]): boolean {
  return kinds.includes(part) && !/-identity-[0-9a-z]+$/.test(name);
}
