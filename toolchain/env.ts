import { preparePulumi } from "./prepare.ts";

/**
 * Prints shell lines after which plain `pulumi preview`, `up` and `destroy` work in this checkout.
 *
 * Only lines for the shell go to standard output; progress goes to standard error.
 */
export async function env(): Promise<number> {
  const { env: variables, pulumiBin, zonesBin } = await preparePulumi();
  for (const [name, value] of Object.entries(variables)) console.log(`export ${name}=${quote(value)}`);
  for (const folder of [pulumiBin, zonesBin]) {
    if (folder !== undefined) console.log(`export PATH=${quote(folder)}:"$PATH"`);
  }
  return 0;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
