/** What a cluster on AWS has beside its parts: plain data, decided before anything exists. */

/** A subnet: one that is made has no id yet. */
interface SubnetPlan {
  readonly cidr: string;
  readonly id?: string;
}

/** One availability zone. */
export interface AwsZonePlan {
  readonly zone: string;
  readonly availabilityZone: string;
  /** Where the machines are, each at its planned address; nothing else is given one there. */
  readonly inner: SubnetPlan;
  /** Where the load balancer and the way out are; the same subnet where the user gives it. */
  readonly outer: SubnetPlan;
  /** Whether the load balancer answers there: where members may stand. */
  readonly serves: boolean;
}

export interface AwsNetworkPlan {
  /** Absent: one is made, with `cidr`. */
  readonly vpc?: string;
  /** Of the VPC that is made; empty where it is the user's. */
  readonly cidr: string;
  readonly zones: readonly AwsZonePlan[];
}

/** Names of the security groups, in an order in which each knows those before it. */
export type GroupName = "load-balancer" | "members" | "replicas" | "voters";

/** One way through a security group: TCP, one port, one party. */
export interface GroupRule {
  readonly direction: "in" | "out";
  readonly port: number;
  /** Who is at the other end: a security group, or networks. */
  readonly party: { readonly group: GroupName } | { readonly networks: readonly string[] };
  readonly why: string;
}

export interface GroupPlan {
  readonly name: GroupName;
  readonly rules: readonly GroupRule[];
}

/** The machine that a part has to itself. */
export interface MachinePlan {
  /** Of the member, read replica or voter. */
  readonly part: string;
  readonly kind: "member" | "replica" | "voter";
  readonly zone: string;
  readonly availabilityZone: string;
  readonly address: string;
  readonly instanceType: string;
  readonly ami: string;
  readonly keyPair: string;
  /** Whether the agent of Systems Manager runs on it. */
  readonly agent: boolean;
  readonly volume: DataVolumePlan;
}

/** A gp3 volume, encrypted, which outlives the machine. */
export interface DataVolumePlan {
  /** GiB */
  readonly size: number;
  readonly retained: boolean;
}

/** A port of the load balancer, and by what a server is found to be one that it leads to. */
export interface ListenerPlan {
  readonly purpose: "read-write" | "read-only" | "replicas" | "pooled";
  readonly port: number;
  /** Of the servers. */
  readonly targetPort: number;
  /** Patroni's REST API: HTTPS, without a certificate of the asker's. */
  readonly check: { readonly port: number; readonly path: string };
  /** When the check finds none of them, it leads to any. */
  readonly targets: readonly TargetPlan[];
}

/** A server that the load balancer leads to. */
interface TargetPlan {
  readonly part: string;
  readonly address: string;
}

export interface LoadBalancerPlan {
  readonly listeners: readonly ListenerPlan[];
  /** The endpoint's name. */
  readonly name: string;
  /** The user's hosted zone; absent: a private one is made, `privateZone`. */
  readonly hostedZone?: string;
  readonly privateZone: string;
}

/** The archive's bucket in S3. */
export interface AwsBucketPlan {
  readonly name: string;
  readonly region: string;
  /** Days that a version stays which was overwritten or deleted, and an upload that was not ended. */
  readonly formerDays: number;
  /** Absent: it is in one region. */
  readonly replica?: { readonly name: string; readonly region: string };
  /** Whether it goes with the cluster, and all that is in it. */
  readonly emptied: boolean;
}

/** By what the machines are reached from where actions run. */
export type AwsReachPlan =
  | { readonly by: "direct" }
  | { readonly by: "bastion"; readonly user: string; readonly host: string; readonly port: number }
  | {
      readonly by: "ssm";
      readonly user: string;
      /** Absent: one of the cluster's own. */
      readonly instance?: string;
    };

export interface AwsPlan {
  readonly region: string;
  readonly reach: AwsReachPlan;
  readonly network: AwsNetworkPlan;
  readonly groups: readonly GroupPlan[];
  readonly machines: readonly MachinePlan[];
  readonly loadBalancer: LoadBalancerPlan;
  readonly bucket: AwsBucketPlan;
  /** Days for which a deleted secret can be brought back; 0: its name is free at once. */
  readonly secretRecoveryDays: number;
}
