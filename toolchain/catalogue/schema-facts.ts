import { z } from "zod";

/** What the schema says of a key. */
export interface SchemaFacts {
  /** What is inside the wrappers of a default. */
  readonly schema: z.core.$ZodType;
  readonly meaning?: string;
  readonly takes?: string;
  /** The default: a value as JSON, or words. Absent: the key has to be written. */
  readonly standard?: string;
}

/** Leads through the wrappers of a default to what is inside, and keeps what each layer says. */
export function factsOf(outer: z.core.$ZodType): SchemaFacts {
  return unwrap({ schema: outer });
}

/** Whether a key may be left out. */
export function mayBeAbsent(outer: z.core.$ZodType): boolean {
  return isWrapper(outer);
}

/** Of what a list is; undefined: it is none. */
export function elementOf(schema: z.core.$ZodType): z.core.$ZodType | undefined {
  return schema instanceof z.ZodArray ? schema.element : undefined;
}

function unwrap({ schema, ...met }: SchemaFacts): SchemaFacts {
  const { description, takes, standard } = z.globalRegistry.get(schema) ?? {};
  const known = { ...textual({ meaning: description, takes, standard }), ...met };
  if (!isWrapper(schema)) return { ...known, schema };
  // An empty default of a mapping says nothing: its keys have theirs.
  const written = schema instanceof z.ZodDefault ? { standard: JSON.stringify(schema.def.defaultValue) } : {};
  return unwrap({ ...written, ...known, schema: schema.def.innerType });
}

function isWrapper(schema: z.core.$ZodType): schema is z.ZodDefault | z.ZodPrefault | z.ZodOptional {
  return schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault || schema instanceof z.ZodOptional;
}

function textual(
  facts: Readonly<Record<"meaning" | "takes" | "standard", unknown>>,
): Omit<SchemaFacts, "schema"> {
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => typeof value === "string"));
}
