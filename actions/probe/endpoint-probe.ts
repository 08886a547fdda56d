import { probeDatabase } from "../../cluster/rotation/roles.ts";
import type { ClusterHandle } from "../handle.ts";
import { connectSql } from "../sql/sql-client.ts";
import {
  type ProbeSession,
  startWriteProbe,
  type WriteProbe,
  type WriteProbeOptions,
} from "./write-probe.ts";

/** An attempt that takes longer has failed, so that the next one is soon made. */
const limits = { connectMs: 1_000, queryMs: 2_000 };

/**
 * A probe that writes as an application does, through the address that it uses: as the operator, into the operators'
 * own database, and never into an application's. Where there are several addresses, it goes on with the next one when one
 * fails, as clients do.
 */
export function endpointProbe(
  { endpoint, operator, access, clock }: Pick<ClusterHandle, "endpoint" | "operator" | "access" | "clock">,
  options: Pick<WriteProbeOptions, "countFromStart"> = {},
): WriteProbe {
  const { hosts = [endpoint.address], readWritePort: port } = endpoint;
  const login = { port, ...operator, database: probeDatabase, access };
  let turn = 0;
  async function connect(): Promise<ProbeSession> {
    const host = hosts[turn % hosts.length] ?? endpoint.address;
    // Also when it is connected and fails later: by then this one leads nowhere.
    turn += 1;
    const session = await connectSql({ ...login, host }, "spilo-probe", limits);
    return {
      query: async (text, values) => {
        const result = await session.query(text, values);
        turn = hosts.indexOf(host);
        return result;
      },
      end: () => session.end(),
    };
  }
  return startWriteProbe({ ...options, clock, connect });
}
