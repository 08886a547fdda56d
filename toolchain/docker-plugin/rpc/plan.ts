/** The calls that decide: check and diff. */
import messages from "@pulumi/pulumi/proto/provider_pb.js";
import { checkInputs, type Naming, type Problem } from "../check.ts";
import type { Change } from "../diff.ts";
import { kindOf } from "../kinds.ts";
import { difference } from "../plan.ts";
import { open } from "./properties.ts";

type CheckRequest = InstanceType<typeof messages.CheckRequest>;
type CheckResponse = InstanceType<typeof messages.CheckResponse>;
type DiffRequest = InstanceType<typeof messages.DiffRequest>;
type DiffResponse = InstanceType<typeof messages.DiffResponse>;

export async function check(request: CheckRequest): Promise<CheckResponse> {
  const { bags, sealed } = open(request.getOlds(), request.getNews());
  const [olds = {}, news = {}] = bags;
  const checked = checkInputs(kindOf(request.getUrn()), olds, news, namingOf(request));
  const response = new messages.CheckResponse();
  response.setInputs(sealed(checked.inputs));
  response.setFailuresList(checked.problems.map(failureOf));
  return response;
}

export async function diff(request: DiffRequest): Promise<DiffResponse> {
  const [state = {}, inputs = {}] = open(request.getOlds(), request.getNews()).bags;
  const ignored = new Set(request.getIgnorechangesList());
  const { changes, deletesFirst } = difference(kindOf(request.getUrn()), state, inputs, ignored);
  const replaces = names(changes.filter((change) => change.replaces));
  const response = new messages.DiffResponse();
  const { DIFF_SOME, DIFF_NONE } = messages.DiffResponse.DiffChanges;
  response.setChanges(changes.length > 0 ? DIFF_SOME : DIFF_NONE);
  response.setDiffsList(names(changes));
  response.setReplacesList(replaces);
  response.setDeletebeforereplace(replaces.length > 0 && deletesFirst);
  response.setHasdetaileddiff(true);
  for (const change of changes) response.getDetaileddiffMap().set(change.path, detailOf(change));
  return response;
}

function names(changes: readonly Change[]): string[] {
  return [...new Set(changes.map((change) => change.property))];
}

function failureOf(problem: Problem): InstanceType<typeof messages.CheckFailure> {
  const failure = new messages.CheckFailure();
  failure.setProperty(problem.property);
  failure.setReason(problem.reason);
  return failure;
}

function namingOf(request: CheckRequest): Naming {
  const urn = request.getUrn();
  const logicalName = request.getName() || urn.slice(urn.lastIndexOf("::") + 2);
  const naming = { logicalName, seed: request.getRandomseed_asU8() };
  const wish = request.getAutonaming();
  if (!wish) return naming;
  const forbids = wish.getMode() === messages.CheckRequest.AutonamingOptions.Mode.DISABLE;
  return { ...naming, proposed: forbids ? false : wish.getProposedName() };
}

/** The engine shows the state's value and the new input's. */
function detailOf(change: Change): InstanceType<typeof messages.PropertyDiff> {
  const { ADD, ADD_REPLACE, DELETE, DELETE_REPLACE, UPDATE, UPDATE_REPLACE } = messages.PropertyDiff.Kind;
  const kinds = {
    add: change.replaces ? ADD_REPLACE : ADD,
    delete: change.replaces ? DELETE_REPLACE : DELETE,
    update: change.replaces ? UPDATE_REPLACE : UPDATE,
  };
  const detail = new messages.PropertyDiff();
  detail.setKind(kinds[change.kind]);
  return detail;
}
