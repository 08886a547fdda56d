import { X509Certificate } from "node:crypto";
import { ActionError } from "../../actions/action-error.ts";
import type { TrustingPart } from "../../actions/authority/part.ts";
import type { AuthorityTools } from "../../actions/authority/tools.ts";
import { certificatesOf } from "../../actions/certificates/certificate-reading.ts";
import type { Peer } from "../../actions/certificates/peer-certificate.ts";
import type { IdentityWorld } from "../../provider/kinds/identity.ts";
import { hastyClock } from "./hasty-clock.ts";

/** What a program of a part works with, whatever its files say by now. */
interface Program {
  trust: string;
  certificate: string;
}

interface FakePart {
  readonly declared: TrustingPart;
  readonly files: Map<string, string>;
  runs: boolean;
  readonly programs: Program[];
  restarts: number;
}

/** Parts that read their files as etcd, Patroni with PostgreSQL, and HAProxy do. */
export class FakeParts {
  readonly parts = new Map<string, FakePart>();
  /** What was asked of the engine and the parts, in its order. */
  readonly done: string[] = [];
  /** Everything is cut off at this one of them. */
  killedAt = Number.POSITIVE_INFINITY;
  private readonly clock = hastyClock();

  add(declared: TrustingPart, files: Readonly<Record<string, string>>): void {
    const stored = new Map(Object.entries(files));
    const programs = declared.served.map(() => ({ trust: "", certificate: "" }));
    const part = { declared, files: stored, runs: true, programs, restarts: 0 };
    this.parts.set(declared.part, part);
    this.read(part, () => true);
  }

  /** Whoever does not trust what somebody shows. */
  strangers(): string[] {
    const running = [...this.parts.values()].filter(({ runs }) => runs);
    return running.flatMap((one) =>
      running.flatMap((other) =>
        other.programs
          .filter(({ certificate }) => one.programs.some(({ trust }) => !isSignedBy(certificate, trust)))
          .map(() => `${one.declared.part} does not trust ${other.declared.part}`),
      ),
    );
  }

  /** How many authorities each program trusts. */
  trusted(): number[] {
    const programs = [...this.parts.values()].flatMap((part) => part.programs);
    return [...new Set(programs.map(({ trust }) => certificatesOf(trust).length))];
  }

  readonly tools: AuthorityTools = {
    clock: this.clock,
    change: async ({ volume }, change) => {
      const part = this.byVolume(volume);
      if (part === undefined) return undefined;
      const wanted = await change(Object.fromEntries(part.files));
      const changed = Object.entries(wanted).filter(
        ([name, text]) => part.files.has(name) && part.files.get(name) !== text,
      );
      if (changed.length > 0) this.step(`${part.declared.part}: ${changed.map(([name]) => name).join(" ")}`);
      for (const [name, text] of changed) part.files.set(name, text);
      return changed.map(([name]) => name);
    },
    toolsFor: () => ({
      isRunning: async (container) => this.get(container).runs,
      exec: async (container) => {
        this.step(`${container} reloads`);
        const part = this.get(container);
        // Patroni has PostgreSQL read everything, and reads itself only when it has another certificate.
        this.read(part, ({ certificate }, index) => {
          return part.declared.reads === "reload" || index === 0 || certificate !== part.files.get("tls.crt");
        });
        return { exitCode: 0, output: "", errors: "" };
      },
      isServed: async ({ what, certificate }) => {
        if (this.get(what).programs.every((one) => one.certificate === certificate)) return;
        throw new ActionError("deadline", `${what} shows another certificate`);
      },
      restart: async (container) => {
        this.step(`${container} restarts`);
        const part = this.get(container);
        part.restarts += 1;
        this.read(part, () => true);
      },
    }),
    isTaken: async (place, shown) => {
      const { runs, program } = this.at(place);
      if (!runs) throw new ActionError("unreachable", "nobody answers");
      return isSignedBy(shown.certificate, program.trust);
    },
    observe: async ({ voters, access }) =>
      voters.map(({ name }, index) => {
        const { runs, programs } = this.get(name);
        const talks = programs.every(
          ({ trust, certificate }) =>
            isSignedBy(access.certificate, trust) && isSignedBy(certificate, access.ca),
        );
        const healthy = runs && talks;
        const reason = healthy ? null : "it does not answer";
        return { name, healthy, reason, leads: index === 0, dbSizeBytes: null, alarms: [] };
      }),
    mayBeRestarted: async (options) => {
      const others = options.voters.filter(({ name }) => name !== options.voter);
      const reports = await this.tools.observe({ voters: others, access: options.access });
      const down = reports.find(({ healthy }) => !healthy);
      if (down !== undefined) throw new ActionError("refused", `${down.name} is not healthy`);
    },
  };

  /** The same for the files of one part. */
  readonly identityWorld: IdentityWorld = {
    change: this.tools.change,
    read: async () => undefined,
    write: async ({ volume }, _owner, files) => {
      const part = this.byVolume(volume);
      this.step(`${part?.declared.part}: all files`);
      for (const [name, { content }] of Object.entries(files)) part?.files.set(name, content);
      // etcd reads its own certificate at every handshake.
      if (part?.declared.reads === "start") {
        for (const program of part.programs) program.certificate = part.files.get("tls.crt") ?? "";
      }
    },
    toolsFor: this.tools.toolsFor,
  };

  readonly shownBy = async (place: Peer) => new X509Certificate(this.at(place).program.certificate);

  get(name: string): FakePart {
    const part = this.parts.get(name);
    if (part === undefined) throw new Error(`there is no ${name}`);
    return part;
  }

  private step(what: string): void {
    this.done.push(what);
    if (this.done.length >= this.killedAt) throw new Error("killed");
  }

  private read(part: FakePart, reads: (program: Program, index: number) => boolean): void {
    for (const program of part.programs.filter(reads)) {
      program.trust = part.files.get("ca.crt") ?? "";
      program.certificate = part.files.get("tls.crt") ?? "";
    }
  }

  private byVolume(volume: string): FakePart | undefined {
    return [...this.parts.values()].find(({ declared }) => declared.volume === volume);
  }

  private at({ host, port }: Peer): { readonly runs: boolean; readonly program: Program } {
    for (const { declared, runs, programs } of this.parts.values()) {
      const index = declared.served.findIndex((one) => one.host === host && one.port === port);
      const program = programs[index];
      if (program !== undefined) return { runs, program };
    }
    throw new Error(`nobody is at ${host}:${port}`);
  }
}

const known = new Map<string, boolean>();

/** Asked often, and always with the same answer. */
export function isSignedBy(certificate: string, authorities: string): boolean {
  const question = `${certificate} ${authorities}`;
  const answer = known.get(question) ?? verify(certificate, authorities);
  known.set(question, answer);
  return answer;
}

function verify(certificate: string, authorities: string): boolean {
  const [leaf] = certificatesOf(certificate);
  return certificatesOf(authorities).some((one) => leaf.checkIssued(one) && leaf.verify(one.publicKey));
}
