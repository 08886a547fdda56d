import * as pulumi from "@pulumi/pulumi";
import type { JsonObject, DynamicSettings as SettingsDocument } from "../../cluster/index.ts";
import type { AccessInput } from "./access.ts";

export interface DynamicSettingsArgs {
  /** Patroni's `/config`, as it is to be. */
  readonly settings: SettingsDocument;
  /** What is beside it as long as the cluster follows another one; absent: it leads by itself. */
  readonly follows?: JsonObject;
  /** The etcd key that holds it. */
  readonly dcsKey: pulumi.Input<string>;
  /** Client URLs of the etcd voters. */
  readonly voters: readonly string[];
  /** Whom to ask; a member that does not exist yet does no harm. */
  readonly members: readonly {
    readonly name: string;
    readonly restUrl: string;
    readonly host: string;
    readonly port: number;
  }[];
  readonly restUser: pulumi.Input<string>;
  readonly restPassword: pulumi.Input<string>;
  /** What members take that have not yet been replaced for another one; empty: there was none. */
  readonly formerRestPassword: pulumi.Input<string>;
  /** Secret. How voters and members are asked. */
  readonly access: AccessInput;
  /** For reading `pg_settings` of each member afterwards. */
  readonly operatorUser: string;
  readonly operatorPassword: pulumi.Input<string>;
  /** Whose the keys in etcd are. */
  readonly etcdUser: pulumi.Input<string>;
  readonly etcdPassword: pulumi.Input<string>;
}

/**
 * Patroni's dynamic settings of a cluster. They are in the DCS before the first member starts; a change is an update of
 * this one resource, with a reload or with restarts through Patroni, as the parameter demands. No container changes.
 */
export class DynamicSettings extends pulumi.CustomResource {
  constructor(name: string, args: DynamicSettingsArgs, opts?: pulumi.CustomResourceOptions) {
    const secrets = {
      restPassword: pulumi.secret(args.restPassword),
      formerRestPassword: pulumi.secret(args.formerRestPassword),
      access: pulumi.secret(args.access),
      operatorPassword: pulumi.secret(args.operatorPassword),
      etcdPassword: pulumi.secret(args.etcdPassword),
    };
    super("spilo:index:DynamicSettings", name, { ...args, ...secrets }, opts);
  }
}
