import { afterAll, beforeAll, expect, test } from "vitest";
import { docker, makeStage, ready, type Stage } from "./stage.ts";

/**
 * A leader that vanishes while clients are being connected to it: its address answers nothing, and whoever is asked about
 * it is gone a little later.
 */
const configuration = (address: string) => `
defaults
    mode tcp
    retries 2
    option redispatch
    timeout connect 3s
    timeout queue 5s
    timeout client 20d
    timeout server 20d
    default-server inter 1s fall 2 rise 1 on-marked-down shutdown-sessions
listen leader
    bind :5000
    option httpchk
    server gone ${address}:5432 check addr 127.0.0.1 port 7001
`;

/** Connects one after the other, four a second, and prints how long each was held, in seconds. */
const clients = `
for n in $(seq 1 12); do
  ( began=$(date +%s%N)
    printf x | timeout 20 socat -t 20 - TCP:127.0.0.1:5000 >/dev/null 2>&1
    echo $(( ($(date +%s%N) - began) / 1000000000 )) ) &
  sleep 0.25
done
wait`;

let stage: Stage;

beforeAll(async () => {
  stage = await makeStage("marked-down");
  const [tag, prefix] = [
    await ready("proxy"),
    await docker(["network", "inspect", "-f", "{{(index .IPAM.Config 0).Gateway}}", stage.network]),
  ];
  const unused = prefix.replace(/\.\d+$/, ".250");
  const answers = "socat TCP-LISTEN:7001,fork,reuseaddr SYSTEM:'cat >/dev/null & echo HTTP/1.0 200 OK; echo'";
  const script = `printf '%s' "$CONFIGURATION" >/tmp/haproxy.cfg; timeout 8 ${answers} & exec haproxy -f /tmp/haproxy.cfg`;
  const options = ["--env", `CONFIGURATION=${configuration(unused)}`, "--entrypoint", "bash"];
  await stage.start("proxy", tag, options, ["-c", script]);
}, 60_000);

afterAll(() => stage.remove());

test("lets go of clients that are being connected when their server is marked down", async () => {
  const name = stage.nameOf("proxy");
  // HAProxy has seen it up, and its checks go on for half as long again.
  await new Promise((resolve) => setTimeout(resolve, 4000));
  const held = (await docker(["exec", name, "bash", "-c", clients])).split("\n").map(Number);
  expect(held).toHaveLength(12);
  expect(Math.max(...held), `held for ${held.join(", ")} s`).toBeLessThan(12);
  expect(Math.max(...held), "was it connecting at all").toBeGreaterThanOrEqual(2);
});
