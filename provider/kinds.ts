import { areSameSettings } from "../actions/settings/settings-patch.ts";
import { replicaTurnSentence, turnSentence } from "../cluster/impact/replacement-sentences.ts";
import { authorityDue, certificateDue, markerDue } from "./due.ts";
import type { KindEntry } from "./kind.ts";
import { areSameAuthority } from "./same-authority.ts";
import { areSameGenerations } from "./same-generations.ts";

/** Every resource type of this provider. */
export const kinds: Readonly<Record<string, KindEntry>> = {
  /** An update only when passwords are rotated: all else that changes is shown where it is carried out. */
  "spilo:index:Specification": {
    replacedBy: [],
    updatedBy: ["specification"],
    same: { specification: areSameGenerations },
    check: async (olds, news) =>
      (await import("./kinds/specification.ts")).checkSpecification(olds ?? {}, news),
    load: async () => (await import("./kinds/specification.ts")).specification,
  },
  /**
   * Made once: everything that keeps data has its token in the name, so that older data is never adopted. What it began
   * from is only looked at when it is made.
   */
  "spilo:index:Incarnation": {
    replacedBy: ["cluster"],
    updatedBy: [],
    check: async (olds, news) => (await import("./kinds/incarnation.ts")).checkIncarnation(olds, news),
    load: async () => (await import("./kinds/incarnation.ts")).incarnation,
  },
  /** Made before all parts and deleted after them. What it says may change at any time: no part is made with it. */
  "spilo:index:Marker": {
    replacedBy: [],
    updatedBy: [
      ...["project", "stack", "cluster", "incarnation"],
      ...["engines", "lost", "ttlSeconds", "owner", "protected", "archives"],
    ],
    due: markerDue,
    load: async () => (await import("./kinds/marker.ts")).marker,
  },
  /** All that stands on a zone's engine goes with it. Never replaced: that would take the rest for gone. */
  "spilo:index:Zone": {
    replacedBy: [],
    updatedBy: ["cluster", "incarnation", "zone", "engine", "project", "stack", "keeps"],
    load: async () => (await import("./kinds/zone.ts")).zone,
  },
  /** A zone that is not available: its check, in every run, keeps the deletion of what it had from calling there. */
  "spilo:index:LostZone": {
    replacedBy: [],
    updatedBy: ["cluster", "incarnation", "zone", "engine"],
    check: async (olds, news) => (await import("./kinds/lost-zone.ts")).noteLostZone(olds, news),
    load: async () => (await import("./kinds/lost-zone.ts")).lostZone,
  },
  /** Precedes the docker provider's image: what was built on this machine can be pulled from nowhere. */
  "spilo:index:CarriedImage": {
    replacedBy: [],
    updatedBy: ["image", "engine"],
    load: async () => (await import("./kinds/carried-image.ts")).carriedImage,
  },
  "spilo:index:Password": {
    replacedBy: [],
    updatedBy: ["generation", "given"],
    load: async () => (await import("./kinds/password.ts")).password,
  },
  "spilo:index:CertificateAuthority": {
    replacedBy: ["cluster"],
    updatedBy: ["generation", "given"],
    check: async (olds, news, now) =>
      (await import("./kinds/certificate-authority.ts")).checkAuthority(olds, news, now),
    explain: async (olds, news) =>
      (await import("./kinds/certificate-authority.ts")).explainAuthority(olds, news),
    due: authorityDue,
    load: async () => (await import("./kinds/certificate-authority.ts")).certificateAuthority,
  },
  "spilo:index:Certificate": {
    replacedBy: [],
    updatedBy: ["authority", "commonName", "dnsNames", "addresses", "uses", "days"],
    due: certificateDue,
    load: async () => (await import("./kinds/certificate.ts")).certificate,
  },
  /** Precedes whatever an authority signs: parts that exist trust it by then. */
  "spilo:index:Trusted": {
    replacedBy: [],
    updatedBy: ["authority"],
    load: async () => (await import("./kinds/trusted.ts")).trusted,
  },
  /** Comes last: nobody shows a certificate of the former authority any more. */
  "spilo:index:Distrusted": {
    replacedBy: [],
    updatedBy: ["authority"],
    same: { authority: areSameAuthority },
    load: async () => (await import("./kinds/distrusted.ts")).distrusted,
  },
  /** Files go with their volume, so another volume has others. In another image the owner may have other ids. */
  "spilo:index:Identity": {
    replacedBy: ["part", "engine", "volume"],
    updatedBy: ["files", "configuration", "secretConfiguration", "owner", "image"],
    explain: async (olds, news) => (await import("./kinds/explain-identity.ts")).explainIdentity(olds, news),
    load: async () => (await import("./kinds/identity.ts")).identity,
  },
  "spilo:index:ProcessLimits": {
    replacedBy: ["engine"],
    updatedBy: ["containers"],
    load: async () => (await import("./kinds/process-limits.ts")).processLimits,
  },
  "spilo:index:EtcdAccess": {
    replacedBy: [],
    // Where it is reached and as whom: a refresh asks, with what is in the state.
    updatedBy: ["rootPassword", "user", "password", "endpoints", "access"],
    load: async () => (await import("./kinds/etcd-access.ts")).etcdAccess,
  },
  /** At another endpoint it is made there: it is protected, so it could not be replaced. */
  "spilo:index:Bucket": {
    replacedBy: ["name"],
    updatedBy: ["endpoint", "ownServer", "accessKey", "secretKey", "region", "ca"],
    load: async () => (await import("./kinds/bucket.ts")).bucket,
  },
  "spilo:index:DynamicSettings": {
    replacedBy: ["dcsKey"],
    // All but the settings are an update that only checks: the state must know where to ask and who it is that asks.
    updatedBy: [
      "settings",
      "follows",
      "voters",
      "members",
      "restUser",
      "restPassword",
      "operatorUser",
      "operatorPassword",
      "access",
      "etcdUser",
      "etcdPassword",
    ],
    same: { settings: areSameSettings, follows: areSameSettings },
    explain: async (olds, news) => (await import("./kinds/explain-settings.ts")).explainSettings(olds, news),
    load: async () => (await import("./kinds/dynamic-settings.ts")).dynamicSettings,
  },
  /** Precedes one etcd voter: before its container is another one, it looks whether that may be now. */
  "spilo:index:VoterTurn": {
    replacedBy: ["voter"],
    updatedBy: ["made"],
    load: async () => (await import("./kinds/voter-turn.ts")).voterTurn,
  },
  /** Follows one etcd voter: another container, and it waits until that one votes. */
  "spilo:index:VoterJoined": {
    replacedBy: ["voter"],
    // etcd's password is noted with each change: the next one finds etcd with the one before.
    updatedBy: ["container", "rootPassword"],
    load: async () => (await import("./kinds/voter-joined.ts")).voterJoined,
  },
  /** Precedes one member: before its container is another one, it looks whether that may be now. */
  "spilo:index:Turn": {
    replacedBy: ["member"],
    updatedBy: ["made"],
    announces: ({ member, readReplica }) => [
      readReplica === true ? replicaTurnSentence(String(member)) : turnSentence(String(member)),
    ],
    load: async () => (await import("./kinds/turn.ts")).turn,
  },
  /** Comes before anything that is done to a running cluster from which members are taken away. */
  "spilo:index:Departure": {
    replacedBy: [],
    updatedBy: ["members", "replicas", "volumesKept"],
    explain: async (olds, news) => (await import("./kinds/departure.ts")).explainDeparture(olds, news),
    load: async () => (await import("./kinds/departure.ts")).departure,
  },
  /** Follows one member: another container, and it waits until that one has joined. */
  "spilo:index:Joined": {
    replacedBy: ["member"],
    updatedBy: ["container"],
    load: async () => (await import("./kinds/joined.ts")).joined,
  },
  /** Follows one member: another container has no tags. */
  "spilo:index:MemberTags": {
    replacedBy: ["member"],
    updatedBy: ["container", "nosync"],
    explain: async (olds, news) =>
      (await import("./kinds/explain-member-tags.ts")).explainMemberTags(olds, news),
    load: async () => (await import("./kinds/member-tags.ts")).memberTags,
  },
  /** Follows one proxy: another container, and it waits until that one leads to the leader. */
  "spilo:index:Serving": {
    replacedBy: ["proxy"],
    updatedBy: ["container"],
    load: async () => (await import("./kinds/serving.ts")).serving,
  },
  /** Comes before everybody who logs in by a name or password of another generation. */
  "spilo:index:LoginsOpened": {
    replacedBy: [],
    updatedBy: ["generations"],
    load: async () => (await import("./kinds/logins-opened.ts")).loginsOpened,
  },
  /** Comes after all of them. */
  "spilo:index:LoginsClosed": {
    replacedBy: [],
    updatedBy: ["closed"],
    load: async () => (await import("./kinds/logins-closed.ts")).loginsClosed,
  },
  /** Precedes all that is done at the leader of a cluster that begins from an archive: it leads when that is replayed. */
  "spilo:index:Restored": {
    replacedBy: [],
    updatedBy: [],
    load: async () => (await import("./kinds/restored.ts")).restored,
  },
  /** Of a cluster that follows another one: its leader streams from there, or replays the archive. */
  "spilo:index:Following": {
    replacedBy: [],
    updatedBy: [],
    load: async () => (await import("./kinds/following.ts")).following,
  },
  "spilo:index:Roles": {
    replacedBy: [],
    updatedBy: ["names", "logins"],
    load: async () => (await import("./kinds/roles.ts")).roles,
  },
  "spilo:index:PoolerLogin": {
    replacedBy: [],
    // Where it is reached and as whom is only looked at when there is something to do.
    updatedBy: ["password"],
    load: async () => (await import("./kinds/pooler-login.ts")).poolerLogin,
  },
  "spilo:index:Readiness": {
    replacedBy: [],
    updatedBy: ["members", "replicas", "synchronousStandbys"],
    load: async () => (await import("./kinds/readiness.ts")).readiness,
  },
  "spilo:index:FirstBackup": {
    replacedBy: ["endpoint", "bucket", "prefix"],
    updatedBy: [],
    load: async () => (await import("./kinds/first-backup.ts")).firstBackup,
  },
  /**
   * The first to be deleted. Never replaced, as it is protected; an update only notes what the deletion has to know, which
   * is done by the state alone.
   */
  "spilo:index:Guard": {
    replacedBy: [],
    updatedBy: [
      "finalBackup",
      "members",
      "access",
      "endpoint",
      "ca",
      "region",
      "bucket",
      "prefix",
      "accessKey",
      "secretKey",
      "kept",
    ],
    load: async () => (await import("./kinds/guard.ts")).guard,
  },
};
