import { readFileSync } from "node:fs";
import Handlebars from "handlebars";

/**
 * A renderer for one file of `templates/`. A missing value throws, wherever it is used. Comments there are
 * Handlebars' own, so that they stay behind: a word changed in one must not replace a container.
 *
 * @param file the template's name in that folder.
 */
export function template<T extends object>(file: string): (view: T) => string {
  const render = handlebars.compile<T>(
    readFileSync(new URL(`../../templates/${file}`, import.meta.url), "utf8"),
    {
      strict: true,
      noEscape: true,
      knownHelpersOnly: true,
      knownHelpers: { yaml: true, env: true, shell: true },
    },
  );
  return (view) => render(view);
}

/** A file of `templates/` that is the same for everybody. */
export function asItIs(file: string): string {
  return readFileSync(new URL(`../../templates/${file}`, import.meta.url), "utf8");
}

const handlebars = Handlebars.create();

/** A scalar or list for YAML: JSON is YAML, so quoting is right and nothing can break out. */
handlebars.registerHelper("yaml", (value: unknown) => JSON.stringify(present(value)));

/** A value for a file of NAME=value lines, in which nothing can be quoted: it must stay on its line. */
handlebars.registerHelper("env", (value: unknown) => {
  const text = String(present(value));
  if (/[\r\n\0]/.test(text)) throw new Error("a value for an environment file has a line break");
  return text;
});

/** A word for a file that a shell reads: nothing in it is more than a text. */
handlebars.registerHelper("shell", (value: unknown) => {
  const text = String(present(value));
  if (text.includes("\0")) throw new Error("a word for a shell has a null character");
  return `'${text.replaceAll("'", "'\\''")}'`;
});

/** Strict mode checks what is printed, but not what is handed to a helper. */
function present(value: unknown): unknown {
  if (value === undefined || value === null) throw new Error("a template was given no value for a helper");
  return value;
}
