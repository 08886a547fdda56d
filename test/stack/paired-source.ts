import type { SourceValue } from "../../components/index.ts";
import { certificateOf } from "./recorder.ts";

/**
 * What a cluster that others follow hands them.
 *
 * @param prefix of each password; the user's name comes behind it.
 */
export function pairedSource(prefix = "password-of-"): SourceValue {
  const login = (user: string) => ({ user, password: `${prefix}${user}` });
  return {
    authority: { certificate: certificateOf("pair"), privateKey: "private-key-of-pair" },
    generations: { passwords: 1, application: 1 },
    logins: {
      ...{ standby: login("standby_1"), rewind: login("rewind_1") },
      ...{ operator: login("operator_1"), application: login("app_1") },
    },
  };
}
