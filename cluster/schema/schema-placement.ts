import { z } from "zod";
import { ownEngine } from "../placement/engine-address.ts";
import { mapping, oneWordOf, say, text, yesOrNo } from "./schema-fields.ts";

const zoneName = /^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$/;

const zone = mapping({
  name: text(
    zoneName,
    "must be 1 to 40 characters of a-z 0-9 -, not beginning or ending with -",
    "Write for example name: a.",
  )
    .default("local")
    .meta({ description: "Names the zone" }),
  host: text(
    /^(unix:\/\/\/\S+|tcp:\/\/[^\s/?#]+:\d+|ssh:\/\/[^\s?#]+)$/,
    "must be an engine's address: unix:///path, tcp://host:port or ssh://user@host",
    `Write for example host: ${ownEngine}.`,
  )
    .default(ownEngine)
    .meta({ description: "The Docker engine of this zone" }),
  certificates: text(
    /^\/\S*$/,
    "must be the absolute path of a folder with ca.pem, cert.pem and key.pem",
    "Write for example certificates: /etc/docker/client, or remove the key.",
  )
    .optional()
    .meta({
      description: "What a tcp:// engine is checked with, and what it is shown",
      standard: "none: the engine is reached without TLS",
    }),
  address: text(
    /^((25[0-5]|2[0-4]\d|1?\d?\d)(\.(?!$)|$)){4}$/,
    "must be an IPv4 address",
    "Write for example address: 10.1.0.10.",
  )
    .optional()
    .meta({
      description: "The host's address, as clients and other zones reach it",
      standard: "none: required with cross-zone",
    }),
  available: yesOrNo("Write available: false, or remove it.").default(true).meta({
    description: "Whether the zone can be had; `spiloctl zones probe --write` sets it",
  }),
  witness: yesOrNo("Write witness: true, or remove it.").default(false).meta({
    description: "Holds an etcd voter and no data",
  }),
});

const zones = say(
  "must be a list of one to nine zones",
  "Write zones: [ { name: local } ], or remove the key.",
);

/** Where the parts of a cluster stand. */
export const placement = mapping({
  mode: oneWordOf(["zonal", "cross-zone"], "Set placement.mode to zonal, or remove it.")
    .default("zonal")
    .meta({ description: "Whether members stand in one zone (zonal) or in several" }),
  zones: z
    .array(zone, zones)
    .min(1, zones)
    .max(9, zones)
    .default([{ name: "local", host: ownEngine, available: true, witness: false }])
    .meta({
      takes: "a list of one to nine zones",
      description: "Where members stand",
      standard: "one zone, local, the engine of this host",
    }),
  primaryZone: text(zoneName, "must be the name of a zone", "Write the name of one of placement.zones.")
    .optional()
    .meta({
      description: "The zone that the leader belongs in: a wish, which no update acts on",
      standard: "none",
    }),
  fallbackToSameZone: yesOrNo("Write placement.fallbackToSameZone: true or false.")
    .default(false)
    .meta({ description: "Stands in the zones that can be had, be it a single one, instead of not at all" }),
});
