/** Families of ARM have a g behind their generation: m7g, c7gn, x2gd, t4g; and a1 was the first. */
export function isArm(instanceType: string): boolean {
  return /^(a1|[a-z]+\d+g[a-z]*)\./.test(instanceType);
}
