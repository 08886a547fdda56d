import type * as pulumi from "@pulumi/pulumi";

/** A type of resource, or the names of its resources, that an earlier version had otherwise. */
export interface Renamed {
  /** As it is called now. */
  readonly type: string;
  /** What the type was called. @default as now */
  readonly formerType?: string;
  /** What a resource of this name was called; undefined: as now. @default all as now */
  readonly formerName?: (name: string) => string | undefined;
}

/**
 * Everything that was renamed since version 0.1.0. A resource whose type or name changes without standing here is another
 * one for Pulumi: it would be deleted and made anew, in users' clusters, with its data. What stands here stays.
 */
const renamed: readonly Renamed[] = [];

/** Former names of a resource, for Pulumi to find it by in a state of an earlier version. */
export function formerNames(
  type: string,
  name: string,
  table: readonly Renamed[] = renamed,
): readonly pulumi.Alias[] {
  return table
    .filter((entry) => entry.type === type)
    .flatMap(({ formerType, formerName }) => {
      const former = formerName?.(name);
      if (formerType === undefined && former === undefined) return [];
      return [
        {
          ...(formerType === undefined ? {} : { type: formerType }),
          ...(former === undefined ? {} : { name: former }),
        },
      ];
    });
}
