import { isDeepStrictEqual } from "node:util";
import { z } from "zod";

/** As far as it counts here; a specification of an earlier version has no generations, which means the first. */
const specification = z.object({
  rotation: z
    .object({ passwords: z.number().default(1), application: z.number().default(1) })
    .default({ passwords: 1, application: 1 }),
});

/** Are the logins of two specifications of the same generations? */
export function areSameGenerations(left: unknown, right: unknown): boolean {
  const [one, other] = [left, right].map((of) => specification.safeParse(of).data?.rotation);
  return isDeepStrictEqual(one, other);
}
