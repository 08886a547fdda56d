/**
 * A tar archive of one file, as the engine takes an upload. It makes the file's parent directories itself.
 *
 * @see https://pubs.opengroup.org/onlinepubs/9699919799/utilities/pax.html (ustar interchange format)
 */
const BLOCK = 512;
const NAME_LENGTH = 100;
const PREFIX_LENGTH = 155;

export interface ArchivedFile {
  /** Path from the archive's root. */
  readonly path: string;
  readonly content: Buffer;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

/** @throws when the path is too long for the format: 255 bytes at most, with a slash in the right place */
export function archive(file: ArchivedFile): Buffer {
  const padding = Buffer.alloc((BLOCK - (file.content.length % BLOCK)) % BLOCK);
  return Buffer.concat([header(file), file.content, padding, Buffer.alloc(2 * BLOCK)]);
}

function header(file: ArchivedFile): Buffer {
  const block = Buffer.alloc(BLOCK);
  const { name, prefix } = splitPath(file.path.replace(/^\/+/, ""));
  const nowSeconds = Math.floor(Date.now() / 1000);
  block.write(name, 0);
  block.write(octal(file.mode, 8), 100);
  block.write(octal(file.uid, 8), 108);
  block.write(octal(file.gid, 8), 116);
  block.write(octal(file.content.length, 12), 124);
  block.write(octal(nowSeconds, 12), 136);
  block.write("0", 156);
  block.write("ustar\0" + "00", 257);
  block.write(prefix, 345);
  // The checksum is counted as if its own field were blank.
  block.fill(" ", 148, 156);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return block;
}

function splitPath(path: string): { readonly name: string; readonly prefix: string } {
  if (Buffer.byteLength(path) <= NAME_LENGTH) return { name: path, prefix: "" };
  for (let slash = path.indexOf("/"); slash !== -1; slash = path.indexOf("/", slash + 1)) {
    const [prefix, name] = [path.slice(0, slash), path.slice(slash + 1)];
    const fits = Buffer.byteLength(prefix) <= PREFIX_LENGTH && Buffer.byteLength(name) <= NAME_LENGTH;
    if (fits && name !== "") return { name, prefix };
  }
  throw new Error(
    `upload path '${path}' is too long: a tar header holds 100 bytes of name and 155 of folders`,
  );
}

function octal(value: number, length: number): string {
  return `${value.toString(8).padStart(length - 1, "0")}\0`;
}
