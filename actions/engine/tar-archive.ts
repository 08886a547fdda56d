import { pipeline } from "node:stream/promises";

/** A file of an archive, as the engine takes and gives them. */
export interface ArchivedFile {
  /** Path from the archive's root. */
  readonly name: string;
  readonly content: Buffer;
  /** Permissions. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

/** An archive of these files. */
export async function packFiles(files: readonly ArchivedFile[]): Promise<Buffer> {
  const { default: tar } = await import("tar-stream");
  const archive = tar.pack();
  for (const { content, ...header } of files) archive.entry(header, content);
  archive.finalize();
  return await contentOf(archive);
}

/**
 * An archive that leaves an empty folder of that name, whatever was there: in the engine's hands a file replaces a folder
 * with all that is in it, and a folder replaces a file.
 */
export async function packEmptyFolder(name: string): Promise<Buffer> {
  const { default: tar } = await import("tar-stream");
  const archive = tar.pack();
  const owner = { uid: 0, gid: 0, mode: 0o700 };
  archive.entry({ ...owner, name }, Buffer.alloc(0));
  archive.entry({ ...owner, name, type: "directory" }, Buffer.alloc(0));
  archive.finalize();
  return await contentOf(archive);
}

/** The files of an archive; folders and links are left out. */
export async function unpackFiles(archive: NodeJS.ReadableStream): Promise<readonly ArchivedFile[]> {
  const { default: tar } = await import("tar-stream");
  const files: ArchivedFile[] = [];
  const reader = tar.extract();
  reader.on("entry", ({ name, type, mode = 0, uid = 0, gid = 0 }, stream, next) => {
    contentOf(stream).then((content) => {
      // The engine puts what kind of file it is into the same field.
      if (type === "file") files.push({ name, content, mode: mode & 0o7777, uid, gid });
      next();
    }, next);
  });
  await pipeline(archive, reader);
  return files;
}

async function contentOf(stream: AsyncIterable<Buffer | string>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}
