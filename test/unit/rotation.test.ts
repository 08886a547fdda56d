import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type AuthorityRotation,
  afterAuthorityStep,
  afterRoleStep,
  bundleKeeping,
  caBundle,
  firstAuthority,
  firstRoles,
  formerAuthorities,
  nextAuthorityStep,
  nextRoleStep,
  type RoleRotation,
  roleNames,
  roleOfGeneration,
  trustsAnyOf,
} from "../../cluster/index.ts";

const names = roleNames("standby");

describe("the rotation of a role's password", () => {
  it("opens the other role, moves everybody to it, and closes the first", () => {
    expect(roleWay(firstRoles, 2).steps).toEqual([
      { step: "open", generation: 2, where: "database" },
      { step: "move", generation: 2, where: "logins" },
      { step: "close", generation: 1, where: "database" },
    ]);
    expect([1, 2, 3].map((generation) => roleOfGeneration(names, generation))).toEqual([
      "standby_1",
      "standby_2",
      "standby_1",
    ]);
  });

  it("is none where nothing is asked for, and goes back on what nobody uses yet", () => {
    expect(nextRoleStep(firstRoles, 1)).toBeUndefined();
    expect(roleWay({ active: 1, accepted: [1, 2] }, 1).states.at(-1)).toEqual(firstRoles);
  });

  it("does not lead back to a password that is gone", () => {
    expect(() => nextRoleStep({ active: 3, accepted: [3] }, 2)).toThrow(
      "generation 2 is gone: 3 is in use; ask for 4 instead",
    );
  });

  it("has no step that shuts out who is in", () => {
    const [move, close] = ["move", "close"] as const;
    expect(() => afterRoleStep(firstRoles, { step: move, generation: 2, where: "logins" })).toThrow(
      RangeError,
    );
    expect(() => afterRoleStep(firstRoles, { step: close, generation: 1, where: "database" })).toThrow(
      RangeError,
    );
  });

  it("lets everybody in at any instant, whoever has moved already, and nobody by an old password at its end", () => {
    fc.assert(
      fc.property(goal(), whoHasMoved(), (target, moved) => {
        const { states } = roleWay(firstRoles, target);
        for (const [from, to] of pairs(states)) {
          for (const { active } of moved.map((done) => (done ? to : from))) {
            // What the database lets in is one value, and it has either the one before the step or the one after it.
            expect(from.accepted).toContain(active);
            expect(to.accepted).toContain(active);
          }
          // A role has one password: two generations of the same one cannot both be good.
          expect(new Set(to.accepted.map((generation) => roleOfGeneration(names, generation))).size).toBe(
            to.accepted.length,
          );
        }
        expect(states.at(-1)).toEqual({ active: target, accepted: [target] });
      }),
    );
  });

  it("has the same end when it is taken up again at any step, done or half done", () => {
    fc.assert(
      fc.property(goal(), fc.nat({ max: 40 }), (target, cut) => {
        const { states, steps } = roleWay(firstRoles, target);
        const at = cut % states.length;
        const state = states[at] ?? firstRoles;
        expect(roleWay(state, target).states.at(-1)).toEqual(states.at(-1));
        // Nobody saw whether the step was done: it is done again.
        const step = steps[at];
        if (step !== undefined) {
          const once = afterRoleStep(state, step);
          expect(afterRoleStep(once, step)).toEqual(once);
        }
      }),
    );
  });
});

describe("the rotation of an authority", () => {
  it("has it trusted by all, then signs with it, then trusts the old one no more", () => {
    expect(authorityWay(firstAuthority, 2).steps).toEqual([
      { step: "trust", generation: 2, where: "bundles" },
      { step: "issue", generation: 2, where: "certificates" },
      { step: "distrust", generation: 1, where: "bundles" },
    ]);
  });

  it("has each part accept each other at any instant, whoever has taken a step already", () => {
    fc.assert(
      fc.property(goal(), whoHasMoved(), (target, moved) => {
        const { states } = authorityWay(firstAuthority, target);
        for (const [from, to] of pairs(states)) {
          // Of both files of a part, each may be of before or after the step.
          const parts = moved.map((done) => (done ? to : from));
          for (const { issuing } of parts) {
            for (const { trusted } of parts) expect(trusted).toContain(issuing);
          }
        }
        expect(states.at(-1)).toEqual({ issuing: target, trusted: [target] });
      }),
    );
  });

  it("has the same end when it is taken up again at any step", () => {
    fc.assert(
      fc.property(goal(), fc.nat({ max: 40 }), (target, cut) => {
        const { states } = authorityWay(firstAuthority, target);
        const state = states[cut % states.length] ?? firstAuthority;
        expect(authorityWay(state, target).states.at(-1)).toEqual(states.at(-1));
      }),
    );
  });

  it("is gone through one generation at a time, with never more than two trusted", () => {
    const { states } = authorityWay(firstAuthority, 4);
    expect(Math.max(...states.map(({ trusted }) => trusted.length))).toBe(2);
    expect(states.map(({ issuing }) => issuing)).toEqual([1, 1, 2, 2, 2, 3, 3, 3, 4, 4]);
  });
});

describe("caBundle", () => {
  const [old, young] = ["MIIBold+/=", "MIIByoung"].map(
    (body) => `-----BEGIN CERTIFICATE-----\n${body}\n-----END CERTIFICATE-----`,
  );

  it("puts certificates one after the other, each once and each on lines of its own", () => {
    expect(caBundle([`${old}\r\n`.replace("\n", "\r\n"), `${young}`, `\n${young}\n${old}\n`])).toBe(
      `${old}\n${young}\n`,
    );
  });

  it("trusts nobody rather than everybody, and never tells what stood where a certificate belongs", () => {
    const key = "-----BEGIN PRIVATE KEY-----\nMIGHAgEA\n-----END PRIVATE KEY-----\n";
    expect(() => caBundle([])).toThrow("there is no authority to trust: nobody would get in");
    for (const wrong of ["", "secret", key, `${old}\n${key}`]) {
      expect(() => caBundle([`${young}`, wrong])).toThrow(
        /^certificate 2 of the trusted authorities is no certificate in PEM$/,
      );
    }
  });
});

describe("what a part trusts during a rotation", () => {
  const [first, second, third, stranger] = ["first", "second", "third", "stranger"].map(
    (name) => `-----BEGIN CERTIFICATE-----\n${name}\n-----END CERTIFICATE-----\n`,
  );
  const [one, two, three, other] = [first ?? "", second ?? "", third ?? "", stranger ?? ""];

  it("is the new authority, and of the former ones those that it trusts already", () => {
    expect(bundleKeeping(two, one, one)).toBe(two + one);
    expect(bundleKeeping(two, one, two)).toBe(two);
    expect(bundleKeeping(three, two + one, one)).toBe(three + one);
    expect(bundleKeeping(two, "", one)).toBe(two);
    expect(bundleKeeping(two, one, other + one + two)).toBe(two + one);
    expect(bundleKeeping(two, one, "")).toBe(two);
  });

  it("is asked for by certificate, not by text", () => {
    expect(trustsAnyOf(`${two}${one.replaceAll("\n", "\r\n")}`, one)).toBe(true);
    expect(trustsAnyOf(two, one)).toBe(false);
    expect(trustsAnyOf("", one)).toBe(false);
  });

  it("may be any of the authorities before, the latest first, but never the one that counts", () => {
    expect(formerAuthorities(two, one, "")).toBe(one);
    expect(formerAuthorities(three, two, one)).toBe(two + one);
    expect(formerAuthorities(two + other, one + other, "")).toBe(one);
    expect(formerAuthorities(one, one, "")).toBe("");
  });

  it("does not grow for ever", () => {
    const many = Array.from({ length: 20 }, (_, index) => one.replace("first", `former${index}`));
    const remembered = formerAuthorities(two, one, many.join(""));
    expect(remembered.startsWith(one)).toBe(true);
    expect(remembered.split("BEGIN").length - 1).toBe(8);
  });
});

function goal(): fc.Arbitrary<number> {
  return fc.integer({ min: 1, max: 6 });
}

/** Of several parts, which have taken the step that is under way. */
function whoHasMoved(): fc.Arbitrary<readonly boolean[]> {
  return fc.array(fc.boolean(), { minLength: 1, maxLength: 5 });
}

function roleWay(start: RoleRotation, target: number) {
  return walk(start, (state) => nextRoleStep(state, target), afterRoleStep);
}

function authorityWay(start: AuthorityRotation, target: number) {
  return walk(start, (state) => nextAuthorityStep(state, target), afterAuthorityStep);
}

/** All states and steps from here to where nothing is left to do. */
function walk<State, Step>(
  start: State,
  next: (state: State) => Step | undefined,
  after: (state: State, step: Step) => State,
): { readonly states: readonly State[]; readonly steps: readonly Step[] } {
  const states = [start];
  const steps: Step[] = [];
  for (let state = start, step = next(state); step !== undefined; step = next(state)) {
    state = after(state, step);
    states.push(state);
    steps.push(step);
    if (steps.length > 100) throw new Error("the rotation has no end");
  }
  return { states, steps };
}

function pairs<T>(states: readonly T[]): readonly (readonly [T, T])[] {
  return states.flatMap((to, index) => {
    const from = states[index - 1];
    return from === undefined ? [] : [[from, to] as const];
  });
}
