/** Names on AWS that are known before anything is there. */

/** The endpoint's name: the user's, or one in a private zone of the cluster's own. */
export function endpointName(cluster: string, dns: { readonly name: string } | undefined): string {
  return dns?.name ?? `db.${privateZone(cluster)}`;
}

/** The private zone that is made where the user names none. */
export function privateZone(cluster: string): string {
  return `${cluster}.internal`;
}

/** `eu-central-1a` */
export function availabilityZone(region: string, zone: string): string {
  return `${region}${zone}`;
}
