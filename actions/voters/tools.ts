import { digestOf, type PartVolume, readPartFiles, writePartFiles } from "../engine/part-files.ts";
import { type VoterContainer, voterContainer } from "./container.ts";

/** What is done to the containers of voters, and to the files of one of them. */
export interface VoterTools {
  readonly container: (voter: string) => VoterContainer;
  /** Has etcd's configuration be that one when the voter is started, unless it is already. */
  readonly configure: (content: string) => Promise<void>;
}

export interface VoterToolsOptions {
  /** All of them, with the engines that they run on, as the docker provider takes them. */
  readonly voters: readonly { readonly name: string; readonly engine: string }[];
  /** Where the files of this one are. */
  readonly files: PartVolume;
  /** The name of its configuration there. */
  readonly file: string;
  readonly signal?: AbortSignal | undefined;
}

export function voterTools({ voters, files, file, signal }: VoterToolsOptions): VoterTools {
  const place = { ...files, signal };
  return {
    container: (voter) => {
      const engine = voters.find(({ name }) => name === voter)?.engine;
      if (engine === undefined) throw new Error(`${voter} is none of the voters`);
      return voterContainer(engine, voter, signal);
    },
    configure: async (content) => {
      const wanted = { content, mode: 0o644 };
      const found = (await readPartFiles(place))?.[file];
      if (found?.digest === digestOf(content, wanted.mode).digest) return;
      await writePartFiles(place, "root", { [file]: wanted });
    },
  };
}
