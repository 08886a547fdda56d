import fc from "fast-check";
import { type ClusterPlan, parseSpec, planCluster } from "../../cluster/index.ts";
import { soundSpecification } from "../unit/specifications.ts";

/** Plans of generated specifications for the version that the image carries: the same ones in every run. */
export function samplePlans(count: number): readonly ClusterPlan[] {
  const ofTheImage = soundSpecification().map((written) => planCluster(parseSpec(written)));
  return fc.sample(
    ofTheImage.filter(({ postgresqlVersion }) => postgresqlVersion === 17),
    { numRuns: count, seed: 17 },
  );
}
