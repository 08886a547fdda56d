/**
 * Patroni's tag of a read replica, one of our own beside `nofailover` and `nosync`, which a member may have as well. It is
 * in the DCS as long as the replica is, so whoever looks at a cluster tells it apart, whatever was declared when.
 */
export const replicaTag = "read_replica";
