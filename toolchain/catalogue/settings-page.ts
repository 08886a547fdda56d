import { z } from "zod";
import { memberChannel } from "../../cluster/parameters/parameter-channels.ts";
import { settableParameters } from "../../cluster/parameters/parameters.ts";
import { clusterSchema } from "../../cluster/schema/schema.ts";
import { elementOf, factsOf } from "./schema-facts.ts";

/** A key of the specification as the page shows it. */
export interface SettingsRow {
  /** Where it stands: `placement.zones[*].host`. */
  readonly key: string;
  readonly takes: string;
  readonly standard: string;
  readonly meaning: string;
}

/** Every key of the specification, sorted. */
export function settingsRows(): readonly SettingsRow[] {
  return [...rowsOf(clusterSchema, "")].sort((left, right) => (left.key < right.key ? -1 : 1));
}

/** `docs/settings.md`, from the schema that specifications are checked with. */
export function settingsPage(): string {
  const rows = settingsRows().map(({ key, takes, standard, meaning }) =>
    [`\`${key}\``, takes, standard, meaning].map(cell).join(" | "),
  );
  return `${introduction}
| key | takes | default | meaning |
| --- | --- | --- | --- |
${rows.map((row) => `| ${row} |`).join("\n")}

${parameters()}`;
}

const introduction = `# Settings

Everything that may stand under \`spilo:cluster\`. All but the name has a default. Made by
\`node --import tsx toolchain/catalogue/main.ts page\` from the schema that a specification is checked with.
`;

function parameters(): string {
  const counts = [14, 15, 16, 17, 18].map((version) => `${settableParameters(version).length} in ${version}`);
  const members = [...memberChannel].sort().map((name) => `\`${name}\``);
  return `## PostgreSQL's parameters

\`postgresql.parameters\` takes PostgreSQL's own names, in lower case, and its own spelling of values: \`1GB\`, \`5min\`,
\`on\`. A name, type, unit, range or word that the chosen version does not have is refused; so is what Patroni, the
image or another key decides, and what would break a promise. How many may be set:
${counts.join(", ")}.

The preview says of each changed parameter what it does:

- **reload**: taken over without a restart.
- **restart**: every member restarts through Patroni, one after the other, in the order that the value asks for.
- **replacement**: every member is replaced, standbys first, the leader last after a switchover. So it is with
  ${members.join(" and ")}, which the image sets for each member itself.
`;
}

function rowsOf(outer: z.core.$ZodType, key: string): readonly SettingsRow[] {
  const { schema, meaning = "", takes, standard = "required" } = factsOf(outer);
  if (schema instanceof z.ZodObject) {
    return Object.entries(schema.shape).flatMap(([name, inner]) =>
      rowsOf(inner, key === "" ? name : `${key}.${name}`),
    );
  }
  const element = elementOf(schema);
  const inside = element === undefined ? [] : rowsOf(element, `${key}[*]`);
  const list = element === undefined ? undefined : "a list";
  const row = { key, takes: takes ?? list ?? "", standard: standard.replaceAll('"', ""), meaning };
  return [row, ...inside.filter(isInside)];
}

/** What an element takes by itself is told with the list. */
function isInside({ key }: SettingsRow): boolean {
  return !key.endsWith("[*]");
}

/** A cell of a table must not end it. */
function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("<", "&lt;");
}
