import { engineStatusOf } from "./engine-client.ts";

/** What an engine was asked for; undefined when it answers with that status: it is not there, or it is so already. */
export async function unlessStatus<T>(status: number, asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (engineStatusOf(error) === status) return undefined;
    throw error;
  }
}
