import { probeDatabase } from "../../cluster/rotation/roles.ts";
import type { ClusterHandle } from "../handle.ts";
import { connectSql } from "../sql/sql-client.ts";
import { startWriteProbe, type WriteProbe, type WriteProbeOptions } from "./write-probe.ts";

/** An attempt that takes longer has failed, so that the next one is soon made. */
const limits = { connectMs: 1_000, queryMs: 2_000 };

/**
 * A probe that writes as an application does, through the address that it uses: as the operator, into the operators'
 * own database, and never into an application's.
 */
export function endpointProbe(
  { endpoint, operator, access, clock }: Pick<ClusterHandle, "endpoint" | "operator" | "access" | "clock">,
  options: Pick<WriteProbeOptions, "countFromStart"> = {},
): WriteProbe {
  const login = {
    host: endpoint.address,
    port: endpoint.readWritePort,
    ...operator,
    database: probeDatabase,
    access,
  };
  return startWriteProbe({ ...options, clock, connect: () => connectSql(login, "spilo-probe", limits) });
}
