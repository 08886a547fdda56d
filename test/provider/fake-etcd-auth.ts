import { z } from "zod";

export interface AnswerOfAuth {
  readonly status: number;
  readonly body: object;
}

interface Permission {
  readonly permType: string;
  readonly key: string;
  readonly range_end: string;
}

const permission = z.object({ permType: z.string(), key: z.string(), range_end: z.string() });
const sent = z.object({
  name: z.string().default(""),
  password: z.string().default(""),
  user: z.string().default(""),
  role: z.string().default(""),
  perm: permission.optional(),
});

/** etcd's users, roles and tokens, with its own words for what it refuses. */
export class FakeEtcdAuth {
  enabled = false;
  readonly users = new Map<string, { password: string; readonly roles: string[] }>();
  readonly roles = new Map<string, Permission[]>();
  /** How often something was changed; etcd counts it too. */
  changes = 0;
  private tokens = new Map<string, string>();

  /** As after five minutes without a question. */
  forgetTokens(): void {
    this.tokens.clear();
  }

  answer(path: string, body: unknown, token: string | undefined): AnswerOfAuth {
    const { name, password, user, role, perm } = sent.parse(body);
    if (path === "auth/authenticate") return this.authenticate(name, password);
    const who = token === undefined ? undefined : this.tokens.get(token);
    if (this.enabled && who !== "root") return nobody(token, who);
    switch (path) {
      case "auth/user/add":
        if (this.users.has(name)) return no("user name already exists");
        return this.changed(() => this.users.set(name, { password, roles: [] }));
      case "auth/user/changepw":
        return this.changed(() => this.changePassword(name, password));
      case "auth/user/list":
        return yes({ users: [...this.users.keys()] });
      case "auth/user/delete":
        return this.changed(() => {
          this.users.delete(name);
          this.forgetTokensOf(name);
        });
      case "auth/user/get":
        return yes({ roles: this.users.get(name)?.roles });
      case "auth/user/grant":
        return this.changed(() => this.users.get(user)?.roles.push(role));
      case "auth/role/add":
        if (this.roles.has(name)) return no("role name already exists");
        return this.changed(() => this.roles.set(name, []));
      case "auth/role/get":
        return this.roles.has(role) ? yes({ perm: this.roles.get(role) }) : no("role name not found");
      case "auth/role/grant":
        return this.changed(() => perm && this.roles.get(name)?.push(perm));
      case "auth/enable":
        if (!this.users.get("root")?.roles.includes("root")) return no("root user does not exist");
        return this.changed(() => {
          this.enabled = true;
        });
      default:
        return { status: 404, body: { message: "Not Found" } };
    }
  }

  /** Why somebody may not read or write that key. */
  refusalFor(key: string, token: string | undefined): AnswerOfAuth | undefined {
    if (!this.enabled) return undefined;
    const who = token === undefined ? undefined : this.tokens.get(token);
    if (who === undefined) return nobody(token, who);
    const permissions = (this.users.get(who)?.roles ?? []).flatMap((role) => this.roles.get(role) ?? []);
    const wanted = Buffer.from(key, "base64");
    const covers = ({ key: from, range_end: to }: Permission) =>
      Buffer.compare(Buffer.from(from, "base64"), wanted) <= 0 &&
      Buffer.compare(wanted, Buffer.from(to, "base64")) < 0;
    return permissions.some(covers) ? undefined : { status: 403, body: { message: "permission denied" } };
  }

  private authenticate(name: string, password: string): AnswerOfAuth {
    if (!this.enabled) return no("authentication is not enabled");
    if (this.users.get(name)?.password !== password) {
      return no("authentication failed, invalid user ID or password");
    }
    const token = `token-${this.tokens.size}-${name}`;
    this.tokens.set(token, name);
    return yes({ token });
  }

  private changePassword(name: string, password: string): void {
    const user = this.users.get(name);
    if (user !== undefined) user.password = password;
    this.forgetTokensOf(name);
  }

  private forgetTokensOf(name: string): void {
    this.tokens = new Map([...this.tokens].filter(([, holder]) => holder !== name));
  }

  private changed(change: () => unknown): AnswerOfAuth {
    change();
    this.changes += 1;
    return yes({});
  }
}

function yes(body: object): AnswerOfAuth {
  return { status: 200, body };
}

function no(message: string): AnswerOfAuth {
  return { status: 400, body: { message: `etcdserver: ${message}` } };
}

function nobody(token: string | undefined, who: string | undefined): AnswerOfAuth {
  if (token === undefined) return no("user name is empty");
  if (who === undefined) return { status: 401, body: { message: "etcdserver: invalid auth token" } };
  return { status: 403, body: { message: "etcdserver: permission denied" } };
}
