import { z } from "zod";
import { clusterSchema } from "../../cluster/schema/schema.ts";
import { elementOf, factsOf, mayBeAbsent, type SchemaFacts } from "./schema-facts.ts";

/**
 * `cluster/schema/cluster-spec-input.ts`: what zod infers from the schema, as interfaces whose keys say what they mean. The
 * inferred type has the names and types alone, and so would an editor and the declarations of the package.
 */
export function specificationTypes(): string {
  return `${introduction}\n${interfacesOf(clusterSchema, "").join("\n")}`;
}

const introduction = `/**
 * What may be written as a specification. Made by \`node --import tsx toolchain/catalogue/main.ts types\` from the schema that
 * a specification is checked with.
 */
`;

const width = 110;

/** The interface of a mapping, and behind it those of the mappings in it. */
function interfacesOf(mapping: z.ZodObject, path: string): readonly string[] {
  const keys = Object.entries(mapping.shape).map(([name, inner]) => ({
    name,
    inner,
    path: join(path, name),
  }));
  const about =
    path === ""
      ? "What a user may write; all but the name has a default."
      : path.endsWith("[*]")
        ? `What an element of \`${path.slice(0, -"[*]".length)}\` has.`
        : `What stands under \`${path}\`.`;
  const lines = keys.flatMap((key) => keyLines(key.name, key.inner, key.path)).map((line) => `  ${line}`);
  const own = [`/** ${about} */`, `export interface ${nameOf(path)} {`, ...lines, "}", ""].join("\n");
  return [own, ...keys.flatMap((key) => within(factsOf(key.inner).schema, key.path))];
}

function within(schema: z.core.$ZodType, path: string): readonly string[] {
  if (schema instanceof z.ZodObject) return interfacesOf(schema, path);
  const element = elementOf(schema);
  return element === undefined ? [] : within(factsOf(element).schema, `${path}[*]`);
}

function keyLines(name: string, outer: z.core.$ZodType, path: string): readonly string[] {
  const facts = factsOf(outer);
  const words = [...unionOf(facts.schema, path), ...(mayBeAbsent(outer) ? ["undefined"] : [])];
  const key = mayBeAbsent(outer) ? `${name}?:` : `${name}:`;
  const inOne = `${key} ${words.join(" | ")};`;
  const declared =
    inOne.length + 2 <= width
      ? [inOne]
      : [key, ...words.map((word, at) => `  | ${word}${at === words.length - 1 ? ";" : ""}`)];
  return [...docstring(facts, path), ...declared];
}

/** @throws when the schema does not say what the key means. */
function docstring({ schema, meaning, takes, standard }: SchemaFacts, path: string): readonly string[] {
  if (meaning === undefined) throw new Error(`${path}: the schema does not say what it means`);
  const text =
    isSelfEvident(schema) || takes === undefined ? [`${meaning}.`] : [`${meaning}.`, `Takes ${takes}.`];
  const tags = standard === undefined ? [] : [`@default ${standard}`];
  const lines = [...text, ...tags].flatMap(wrapped);
  const [line = ""] = lines;
  // Only a docstring of one sentence is on one line.
  return lines.length === 1 ? [`/** ${line} */`] : ["/**", ...lines.map((one) => ` * ${one}`), " */"];
}

/** Of these the type says all. */
function isSelfEvident(schema: z.core.$ZodType): boolean {
  return schema instanceof z.ZodBoolean || schema instanceof z.ZodEnum || schema instanceof z.ZodLiteral;
}

/** In lines that fit, in a comment within an interface; nothing in it ends the comment. */
function wrapped(text: string): readonly string[] {
  const lines: string[] = [];
  for (const word of text.replaceAll("*/", "*\\/").split(" ")) {
    const longer = lines.length === 0 ? word : `${lines.at(-1)} ${word}`;
    if (lines.length === 0 || longer.length + "   * ".length > width) lines.push(word);
    else lines[lines.length - 1] = longer;
  }
  return lines;
}

/** The members of the union that a key's type is; a single one mostly. @throws when there is no word for it. */
function unionOf(schema: z.core.$ZodType, path: string): readonly string[] {
  if (schema instanceof z.ZodObject) return [nameOf(path)];
  if (schema instanceof z.ZodEnum) return schema.options.map((option) => JSON.stringify(option));
  if (schema instanceof z.ZodLiteral) return [...schema.values].map((value) => JSON.stringify(value));
  if (schema instanceof z.ZodUnion) return schema.options.flatMap((option) => unionOf(option, path));
  if (schema instanceof z.ZodRecord) {
    return [`Record<string, ${unionOf(schema.valueType, path).join(" | ")}>`];
  }
  const element = elementOf(schema);
  if (element !== undefined) {
    const words = unionOf(factsOf(element).schema, `${path}[*]`);
    return [words.length === 1 ? `${words[0]}[]` : `(${words.join(" | ")})[]`];
  }
  if (schema instanceof z.ZodString) return ["string"];
  if (schema instanceof z.ZodNumber) return ["number"];
  if (schema instanceof z.ZodBoolean) return ["boolean"];
  throw new Error(`${path}: no type is known for a ${schema._zod.def.type}`);
}

function join(path: string, name: string): string {
  return path === "" ? name : `${path}.${name}`;
}

/** `placement.zones[*]` is a `PlacementZoneInput`. */
function nameOf(path: string): string {
  const words = path.split(".").map((key) => {
    const singular = key.replace(/s\[\*\]$/, "");
    return `${singular.charAt(0).toUpperCase()}${singular.slice(1)}`;
  });
  return path === "" ? "ClusterSpecInput" : `${words.join("")}Input`;
}
