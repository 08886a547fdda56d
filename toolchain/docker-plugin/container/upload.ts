/** Files put into a container after it is made and before it starts. */
import { readFile } from "node:fs/promises";
import { packFiles } from "../../../actions/engine/tar-archive.ts";
import { ask, type Engine } from "../engine.ts";
import { reasonOf } from "../failures.ts";
import { flag, type Properties, records, text } from "../values.ts";

/** @throws when an upload has not exactly one content, or the engine refuses it */
export async function uploadFiles(engine: Engine, id: string, inputs: Properties): Promise<void> {
  for (const upload of records(inputs, "uploads")) {
    const file = {
      name: text(upload, "file").replace(/^\/+/, ""),
      content: await contentOf(upload),
      mode: modeOf(upload),
      uid: await numberOf("/etc/passwd", text(upload, "owner")),
      gid: await numberOf("/etc/group", text(upload, "group")),
    };
    try {
      const query = { path: "/", noOverwriteDirNonDir: true };
      const tar = await packFiles([file]);
      await ask(engine, { method: "PUT", path: `/containers/${id}/archive`, query, tar });
    } catch (error) {
      throw new Error(`Unable to upload volume content: ${reasonOf(error)}`);
    }
  }
}

async function contentOf(upload: Properties): Promise<Buffer> {
  const names = ["content", "contentBase64", "source"].filter((name) => text(upload, name) !== "");
  const choices = "'content', 'content_base64', or 'source'";
  if (names.length === 0) throw new Error(`error with upload content: one of ${choices} must be set`);
  if (names.length > 1) throw new Error(`error with upload content: only one of ${choices} can be set`);
  switch (names[0]) {
    case "content":
      return Buffer.from(text(upload, "content"));
    case "contentBase64":
      return Buffer.from(text(upload, "contentBase64"), "base64");
    default:
      return await readSource(text(upload, "source"));
  }
}

async function readSource(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new Error(`could not read file: ${reasonOf(error)}`);
  }
}

function modeOf(upload: Properties): number {
  const permissions = text(upload, "permissions");
  if (permissions !== "") return Number.parseInt(permissions, 8);
  return flag(upload, "executable") ? 0o744 : 0o644;
}

/** An owner's or group's number. Names are looked up on this machine, not in the container. Root when not given. */
async function numberOf(database: string, name: string): Promise<number> {
  if (name === "") return 0;
  if (/^\d+$/.test(name)) return Number(name);
  const lines = (await readFile(database, "utf8")).split("\n").map((line) => line.split(":"));
  const number = lines.find(([known]) => known === name)?.[2];
  if (number === undefined)
    throw new Error(`upload: '${name}' is not in ${database} of this machine: give its number`);
  return Number(number);
}
