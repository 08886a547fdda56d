import { ask, type Engine } from "../engine.ts";
import { reasonOf, saying } from "../failures.ts";
import { type Properties, records, text, texts, whole, withoutZeros } from "../values.ts";

/**
 * Takes the container off the bridge it was made on and puts it into the networks that the program lists. The engine
 * accepts a network that does not exist here, and refuses it at the start.
 */
export async function joinNetworks(engine: Engine, id: string, inputs: Properties): Promise<void> {
  const wanted = records(inputs, "networksAdvanced");
  if (wanted.length === 0) return;
  await leaveBridge(engine, id);
  for (const attachment of wanted) {
    const name = text(attachment, "name");
    const json = { Container: id, EndpointConfig: endpoint(attachment) };
    await saying(`Unable to connect to network '${name}'`, () =>
      ask(engine, { method: "POST", path: `/networks/${name}/connect`, json }),
    );
  }
}

async function leaveBridge(engine: Engine, id: string): Promise<void> {
  try {
    const json = { Container: id, Force: false };
    await ask(engine, { method: "POST", path: "/networks/bridge/disconnect", json });
  } catch (error) {
    // Made on another network, there is nothing to leave.
    const reason = reasonOf(error);
    if (reason.includes("is not connected to the network bridge")) return;
    throw new Error(`Unable to disconnect the default network: ${reason}`);
  }
}

function endpoint(attachment: Properties): Properties {
  return {
    IPAMConfig: withoutZeros({
      IPv4Address: text(attachment, "ipv4Address"),
      IPv6Address: text(attachment, "ipv6Address"),
      LinkLocalIPs: texts(attachment, "linkLocalIps"),
    }),
    ...withoutZeros({
      Aliases: texts(attachment, "aliases"),
      MacAddress: text(attachment, "macAddress"),
      GwPriority: whole(attachment, "gwPriority"),
      DriverOpts: Object.fromEntries(texts(attachment, "driverOpts").map(optionOf)),
    }),
  };
}

function optionOf(option: string): [string, string] {
  const [key = "", ...rest] = option.split("=");
  return [key, rest.join("=")];
}
