import type * as pulumi from "@pulumi/pulumi";
import type { LeaderBase } from "./base.ts";
import { membersOnEngines } from "./members.ts";
import type { Pooler } from "./pooler.ts";
import { LoginsClosed } from "./resources/logins-closed.ts";
import { LoginsOpened } from "./resources/logins-opened.ts";
import { PoolerLogin } from "./resources/pooler-login.ts";
import { voterUrls } from "./urls.ts";

/** Before anybody logs in by a new name or password. */
export function makeLoginsOpened(base: LeaderBase, after: readonly pulumi.Resource[]): LoginsOpened {
  const { plan, secrets, identities, within } = base;
  const { generations, current } = plan.logins;
  const pooler = secrets.pooler === undefined ? [] : [{ user: current.pooler, password: secrets.pooler }];
  return new LoginsOpened(
    `${plan.cluster}-logins-opened`,
    {
      cluster: plan.cluster,
      generations,
      members: membersOnEngines(base),
      access: identities.access,
      logins: [
        { user: current.standby, password: secrets.standby },
        { user: current.rewind, password: secrets.rewind },
        { user: current.operator, password: secrets.operator },
        { user: current.application, password: secrets.application },
        ...pooler,
      ],
      superuserPassword: secrets.superuser,
    },
    { ...within, dependsOn: [...after] },
  );
}

/** When everybody has moved on. */
export function makeLoginsClosed(base: LeaderBase, after: readonly pulumi.Resource[]): LoginsClosed {
  const { plan, secrets, identities, within } = base;
  const { closed, current } = plan.logins;
  return new LoginsClosed(
    `${plan.cluster}-logins-closed`,
    {
      cluster: plan.cluster,
      closed,
      members: membersOnEngines(base),
      voters: voterUrls(plan),
      access: identities.access,
      etcdUser: current.etcd,
      etcdRootPassword: secrets["etcd-root"],
    },
    { ...within, dependsOn: [...after] },
  );
}

/** The pool opens when this is there. */
export function makePoolerLogin(
  base: LeaderBase,
  { password }: Pick<Pooler, "password">,
  after: readonly pulumi.Resource[],
): PoolerLogin {
  const { plan, identities, within } = base;
  const { access } = identities;
  const user = plan.logins.current.pooler;
  const args = { cluster: plan.cluster, members: membersOnEngines(base), access, user, password };
  return new PoolerLogin(`${plan.cluster}-pooler-login`, args, { ...within, dependsOn: [...after] });
}
