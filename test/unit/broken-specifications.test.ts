import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { settableParameters } from "../../cluster/parameters/parameters.ts";
import { readSpec } from "../../cluster/schema/spec.ts";
import { soundSpecification } from "./specifications.ts";

/** Something that is wrong wherever it stands, with the path that has to be named. */
interface Break {
  readonly path: string;
  readonly value: unknown;
}

const keys: readonly Break[] = [
  { path: "name", value: "No Name" },
  { path: "members", value: 10 },
  { path: "members", value: "3" },
  { path: "image", value: "" },
  { path: "synchronous.mode", value: "sometimes" },
  { path: "synchronous.durability", value: true },
  { path: "network.subnet", value: "10.0.0.0/8" },
  { path: "etcd.voters", value: 4 },
  { path: "endpoint.ports.readWrite", value: -1 },
  { path: "endpoint.ports.readWriter", value: 5000 },
  { path: "resources.memory", value: "lots" },
  { path: "resources.shm", value: 256 },
  { path: "backup.retainDays", value: 1 },
  { path: "backup.schedule", value: "@daily" },
  { path: "postgresql.version", value: 12 },
  { path: "postgresql.parameters.no_such_parameter", value: 1 },
  { path: "postgresql.parameters.fsync", value: "off" },
  { path: "postgresql.parameters.data_directory", value: "/tmp" },
  { path: "backup.endpoint", value: "http://s3.example" },
  { path: "backup.ca", value: "ca.crt" },
  { path: "tls.ca", value: "none" },
  { path: "tls.leafDays", value: 0 },
  { path: "endpoint.names", value: "db" },
  { path: "application.database", value: "spilo_probe" },
  { path: "application.role", value: "pooler_1" },
  { path: "recovery.objective", value: "warp" },
  { path: "recovery.acceptDataLoss", value: "yes" },
  { path: "maintenance.day", value: "someday" },
  { path: "maintenance.start", value: "24:00" },
  { path: "maintenance.minutes", value: 5 },
  { path: "maintenance.timeZone", value: "Europe/Atlantis" },
  { path: "resources.volume", value: 100 },
];

/** A value that a parameter of all versions does not take. */
function wrongParameter(): fc.Arbitrary<Break> {
  const newest = new Map(settableParameters(18).map(({ name, max }) => [name, max]));
  const wrong = settableParameters(14).flatMap(({ name, type, max }) => {
    const path = `postgresql.parameters.${name}`;
    if (type === "string") return [{ path, value: "two\nlines" }];
    const values: unknown[] = ["neither", [], null];
    return [...values, ...(max === undefined ? [] : [Math.max(max, newest.get(name) ?? max) * 2 + 1])].map(
      (value) => ({ path, value }),
    );
  });
  return fc.constantFrom(...wrong);
}

describe("a broken specification", () => {
  it("is refused with the path of what was broken, whatever else is in it", () => {
    fc.assert(
      fc.property(
        soundSpecification(),
        fc.oneof(fc.constantFrom(...keys), wrongParameter()),
        (written, broken) => {
          const { issues } = readSpec(withValue(written, broken.path.split("."), broken.value));
          expect(issues.map(({ path }) => path)).toContain(broken.path);
          for (const { message, remedy } of issues) {
            expect(message).toMatch(/[^.]$/);
            expect(remedy).toMatch(/[.?]$/);
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});

/** A copy with a value in the place of another. A parameter's name may have dots, and stands last. */
function withValue(written: object, [key = "", ...inner]: readonly string[], value: unknown): object {
  const held: unknown = Reflect.get(written, key);
  if (inner.length === 0) return { ...written, [key]: value };
  if (key === "parameters") return { ...written, parameters: { ...Object(held), [inner.join(".")]: value } };
  return { ...written, [key]: withValue(Object(held), inner, value) };
}
