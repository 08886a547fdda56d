import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { memberOrder, voterOrder } from "../../cluster/aws/container-order.ts";
import { type MachineFacts, mostUserData, renderUserData } from "../../cluster/aws/user-data.ts";
import { type ClusterSpecInput, parseSpec, planCluster } from "../../cluster/index.ts";
import { onAws } from "./aws-specifications.ts";
import { userDataOf } from "./aws-user-data.ts";

interface Written {
  readonly path: string;
  readonly permissions: string;
  readonly content: string;
}

/** The files that user data write, by path. */
function filesIn(userData: string): Map<string, Written> {
  const files: Written[] = parse(userData).write_files;
  return new Map(files.map((file) => [file.path, file]));
}

describe("user data", () => {
  it("of every machine are less than EC2 takes, also with the longest of names", () => {
    const name = "a".repeat(40);
    const sizes = { members: 9, etcd: { voters: 5 as const }, endpoint: { pooled: true } };
    const replicas = [{ name: "a".repeat(12), applyDelay: "1h" }];
    const all = userDataOf(onAws("abc", { name, replicas, ...sizes }));
    expect(all).toHaveLength(9 + 5 + 1);
    for (const { text } of all) expect(Buffer.byteLength(text)).toBeLessThan(mostUserData);
  });

  it("that are more than EC2 takes are refused", () => {
    expect(() => userDataOf(onAws("a", { image: `${"long/".repeat(1000)}name` }))).toThrow(
      /user data of orders-1-a have \d+ bytes, and EC2 takes 16384/,
    );
  });

  it("write programs, units and what is known of the machine, and run one program", () => {
    const [voter, member] = userDataOf(onAws("a", { members: 1, etcd: { voters: 1 } }));
    for (const made of [voter, member]) {
      const library = "/usr/local/lib/pulumi-spilo";
      const programs = ["aws-call", "data-volume", "run-part", "install"].map((name) => `${library}/${name}`);
      const units = ["pulumi-spilo.service", "pulumi-spilo-volume.service", "pulumi-spilo-refresh.service"];
      const files = filesIn(made?.text ?? "");
      expect([...files.keys()]).toEqual([
        "/etc/pulumi-spilo/node.env",
        "/etc/pulumi-spilo/part.json",
        ...programs,
        ...[...units, "pulumi-spilo-refresh.timer"].map((unit) => `/etc/systemd/system/${unit}`),
      ]);
      for (const path of programs) expect(files.get(path)?.permissions).toBe("0755");
      expect(parse(made?.text ?? "").runcmd).toEqual([[`${library}/install`]]);
    }
  });

  it("have programs without their comments, which replace no machine when they change", () => {
    const [made] = userDataOf(onAws("a"));
    const files = filesIn(made?.text ?? "");
    for (const name of ["aws-call", "data-volume", "run-part", "install"]) {
      const { content = "" } = files.get(`/usr/local/lib/pulumi-spilo/${name}`) ?? {};
      const comments = content.split("\n").filter((line) => /^\s*#/.test(line));
      expect([name, ...comments]).toEqual([
        name,
        expect.stringMatching(/^#!\/(bin\/bash|usr\/bin\/env python3)$/),
      ]);
    }
  });

  it("of a member with a pool run that in a container of its own, with nothing of the member's", () => {
    const made = userDataOf(onAws("a", { endpoint: { pooled: true }, replicas: [{ name: "reports" }] }));
    const poolers = made.map(({ kind, text }) => [kind, filesIn(text).has("/etc/pulumi-spilo/pooler.json")]);
    expect(poolers.toSorted()).toEqual([
      ...[1, 2, 3].map(() => ["member", true]),
      ["replica", false],
      ...[1, 2, 3].map(() => ["voter", false]),
    ]);
    const files = filesIn(made.find(({ kind }) => kind === "member")?.text ?? "");
    const pooler = JSON.parse(files.get("/etc/pulumi-spilo/pooler.json")?.content ?? "");
    expect(pooler).toMatchObject({
      name: "orders-1-a-pooler",
      image: "pulumi-spilo/proxy:1",
      reload: ["/usr/local/bin/take-certificates"],
      owner: { uid: 0, gid: 0 },
      files: { folder: "/run/pulumi-spilo/pooler" },
    });
    expect(pooler).not.toHaveProperty("environment");
    expect(pooler.files.secret).toContain("/orders-1-a/pooler-");
    expect(pooler.arguments).toEqual(
      expect.arrayContaining([
        ...["--memory=512m", "--memory-swap=512m", "--pids-limit=512", "--read-only", "--network=host"],
        ...["--cap-drop=ALL", "--security-opt=no-new-privileges"],
        "--volume=/run/pulumi-spilo/pooler:/etc/identity:ro",
      ]),
    );
    expect(pooler.arguments.join(" ")).not.toMatch(/NET_ADMIN|NET_RAW|DAC_OVERRIDE|\/data:/);
    const unit = files.get("/etc/systemd/system/pulumi-spilo-pooler.service")?.content;
    expect(unit).toContain("Environment=PULUMI_SPILO_PART=/etc/pulumi-spilo/pooler.json\n");
    expect(unit).toContain("Restart=always");
    const refresh = files.get("/etc/systemd/system/pulumi-spilo-refresh.service")?.content ?? "";
    expect(refresh.match(/run-part files/g)).toHaveLength(2);
  });

  it("have the agent of Systems Manager run where sessions lead to machines, and nowhere else", () => {
    const agents = (aws: object) =>
      userDataOf(onAws("a", { aws })).map(
        ({ text }) =>
          /^SSM_AGENT=(.*)$/m.exec(filesIn(text).get("/etc/pulumi-spilo/node.env")?.content ?? "")?.[1],
      );
    expect(new Set(agents({ reach: "ssm" }))).toEqual(new Set(["'yes'"]));
    expect(new Set(agents({ ssmAgent: true }))).toEqual(new Set(["'yes'"]));
    expect(new Set(agents({}))).toEqual(new Set(["'no'"]));
    expect(new Set(agents({ reach: "ssm", ssm: { instance: "i-0a1b2c3d" } }))).toEqual(new Set(["'no'"]));
  });

  it("tell a member's container all of its limits", () => {
    const resources = { memory: "4GB", cpus: 1.5, shm: "1GB", volume: "100GB" };
    const [made] = userDataOf(onAws("a", { members: 1, resources })).filter(({ kind }) => kind === "member");
    const part = JSON.parse(filesIn(made?.text ?? "").get("/etc/pulumi-spilo/part.json")?.content ?? "");
    expect(part.arguments).toEqual(
      expect.arrayContaining([
        ...["--memory=4096m", "--memory-swap=4096m", "--cpus=1.5", "--shm-size=1024m", "--pids-limit=4096"],
        ...["--cap-drop=ALL", "--security-opt=no-new-privileges", "--network=host"],
        "--volume=/var/lib/pulumi-spilo/data:/home/postgres/pgdata",
        "--volume=/run/pulumi-spilo/identity:/etc/identity:ro",
      ]),
    );
    expect(part).toMatchObject({ owner: { uid: 101, gid: 103 }, watchdog: true, command: [] });
  });

  it("let a machine elsewhere be made of the same bytes but for where AWS is reached", () => {
    const { plan, machine } = firstMember();
    const order = memberOrder(plan);
    const ours = renderUserData(machine, order, facts);
    const imds = "http://10.0.2.2:1338";
    const elsewhere = { imds, secrets: "http://10.0.2.2:5000", s3: "http://10.0.2.2:5000" };
    const theirs = renderUserData(machine, order, { ...facts, endpoints: elsewhere });
    const [one, other] = [filesIn(ours), filesIn(theirs)];
    const differ = [...one.keys()].filter((path) => one.get(path)?.content !== other.get(path)?.content);
    expect(differ).toEqual(["/etc/pulumi-spilo/node.env"]);
    expect(other.get("/etc/pulumi-spilo/node.env")?.content).toContain(`IMDS='${imds}'`);
  });

  it("let nothing in a name end what a shell reads", () => {
    const { plan, machine } = firstMember();
    const text = renderUserData(machine, memberOrder(plan), { ...facts, bucket: "a'; reboot; '" });
    expect(filesIn(text).get("/etc/pulumi-spilo/node.env")?.content).toContain(
      "BUCKET='a'\\''; reboot; '\\'''\n",
    );
  });
});

it("a member and a voter are stopped as long as they need", () => {
  const { members, voters } = planCluster(parseSpec(onAws("a")));
  expect(members.map((plan) => memberOrder(plan).graceSeconds)).toEqual([60, 60, 60]);
  expect(voters.map((plan) => voterOrder(plan).graceSeconds)).toEqual([10, 10, 10]);
});

const facts: MachineFacts = {
  cluster: "orders",
  incarnation: "1a2b3c4d",
  region: "eu-central-1",
  bucket: "orders-wal",
  volume: "vol-0123456789abcdef0",
  filesSecret: "arn:files",
  environmentSecret: "arn:environment",
  environmentVersion: "version",
};

function firstMember(change: Partial<ClusterSpecInput> = {}) {
  const { members, aws } = planCluster(parseSpec(onAws("a", change)));
  const [plan] = members;
  const machine = aws?.machines.find(({ part }) => part === plan?.name);
  if (plan === undefined || machine === undefined) throw new Error("the plan has no member");
  return { plan, machine };
}
