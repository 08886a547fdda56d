import { describe, expect, it } from "vitest";
import { sitesOf } from "../../cluster/placement/sites.ts";
import { survives } from "../../cluster/placement/survives.ts";
import { specification } from "./specifications.ts";

describe("what a cluster survives", () => {
  it.each([
    [{}, ["any one member", "any one etcd voter", "not the loss of this host"]],
    [
      { members: 5, synchronous: { count: 2 }, etcd: { voters: 5 } },
      ["any two members", "any two etcd voters", "not the loss of this host"],
    ],
    [
      { members: 1, etcd: { voters: 1 }, placement: { zones: [{ host: "ssh://db-a" }] } },
      [
        "not the loss of its one member",
        "not the loss of its one etcd voter",
        "not the loss of the host ssh://db-a",
      ],
    ],
    [
      { synchronous: { mode: "off" } },
      [
        "any one member, though its last commits may be lost",
        "any one etcd voter",
        "not the loss of this host",
      ],
    ],
    [
      { members: 2, synchronous: { durability: "required" } },
      [
        "any one member without loss, though writes stop until a standby is back",
        "any one etcd voter",
        "not the loss of this host",
      ],
    ],
  ])("with %j is told as %j", (written, sentences) => {
    expect(survives(specification(written), sitesOf(specification(written)).shares)).toEqual(sentences);
  });
});
