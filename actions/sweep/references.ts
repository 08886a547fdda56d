/** By what resources of a state name others. */
interface References {
  parent?: string | undefined;
  /** `URN::ID`: an id has no colons. */
  provider?: string | undefined;
  deletedWith?: string | undefined;
  dependencies?: readonly string[] | undefined;
  replaceWith?: readonly string[] | undefined;
  propertyDependencies?: Readonly<Record<string, readonly string[] | null>> | undefined;
}

/**
 * A resource that stays, without what in it names one that is gone: Pulumi takes no state in which something names what is
 * not there. Nothing else of it is changed.
 */
export function withoutReferences<T extends References>(resource: T, gone: ReadonlySet<string>): T {
  const { parent, provider, deletedWith, dependencies, replaceWith, propertyDependencies } = resource;
  const stays = (urn: string) => !gone.has(urn);
  const left = { ...resource };
  if (parent !== undefined && gone.has(parent)) delete left.parent;
  if (provider !== undefined && gone.has(providerOf(provider))) delete left.provider;
  if (deletedWith !== undefined && gone.has(deletedWith)) delete left.deletedWith;
  if (dependencies !== undefined) left.dependencies = dependencies.filter(stays);
  if (replaceWith !== undefined) left.replaceWith = replaceWith.filter(stays);
  if (propertyDependencies !== undefined) {
    const each = Object.entries(propertyDependencies).map(([name, urns]) => [
      name,
      urns?.filter(stays) ?? null,
    ]);
    left.propertyDependencies = Object.fromEntries(each);
  }
  return left;
}

function providerOf(reference: string): string {
  return reference.replace(/::[^:]*$/, "");
}
