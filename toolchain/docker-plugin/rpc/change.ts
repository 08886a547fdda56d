/** The calls that do something: create, read, update and delete. */
import messages from "@pulumi/pulumi/proto/provider_pb.js";
import { withoutNotes } from "../check.ts";
import type { Kind, Limits } from "../kind.ts";
import { kindOf } from "../kinds.ts";
import { foreseen, updated } from "../plan.ts";
import type { Session } from "../session.ts";
import { isZero, type Properties } from "../values.ts";
import { type Empty, emptyMessage } from "../wire.ts";
import { open, sealingFailure } from "./properties.ts";

type CreateRequest = InstanceType<typeof messages.CreateRequest>;
type CreateResponse = InstanceType<typeof messages.CreateResponse>;
type ReadRequest = InstanceType<typeof messages.ReadRequest>;
type ReadResponse = InstanceType<typeof messages.ReadResponse>;
type UpdateRequest = InstanceType<typeof messages.UpdateRequest>;
type UpdateResponse = InstanceType<typeof messages.UpdateResponse>;
type DeleteRequest = InstanceType<typeof messages.DeleteRequest>;

/** The official provider's, when a program sets no `customTimeouts`. */
const OPERATION_TIMEOUT_SECONDS = 1200;

export async function create(session: Session, request: CreateRequest): Promise<CreateResponse> {
  const kind = kindOf(request.getUrn());
  const opened = open(request.getProperties());
  const [inputs = {}] = opened.bags;
  const response = new messages.CreateResponse();
  if (request.getPreview()) {
    response.setProperties(opened.sealed(foreseen(kind, inputs)));
    return response;
  }
  const made = await sealingFailure(opened, () =>
    kind.create(session.engine(), withoutNotes(inputs), limitsOf(request.getTimeout())),
  );
  response.setId(made.id);
  response.setProperties(opened.sealed(made.state));
  return response;
}

/** Nothing that is gone has an id. An import, which knows no inputs, gets those that would make what is there. */
export async function read(session: Session, request: ReadRequest): Promise<ReadResponse> {
  const kind = kindOf(request.getUrn());
  const { bags, sealed } = open(request.getProperties(), request.getInputs());
  const [state = {}, inputs = {}] = bags;
  const response = new messages.ReadResponse();
  const found = await kind.read(session.engine(), request.getId(), state);
  if (!found) return response;
  response.setId(found.id);
  response.setProperties(sealed(found.state));
  const imports = Object.keys(inputs).length === 0;
  response.setInputs(sealed(imports ? inputsFor(kind, found.state) : inputs));
  return response;
}

export async function update(session: Session, request: UpdateRequest): Promise<UpdateResponse> {
  const kind = kindOf(request.getUrn());
  const { bags, sealed } = open(request.getOlds(), request.getNews());
  const [olds = {}, news = {}] = bags;
  const state = updated(kind, olds, news);
  const told = request.getPreview()
    ? {}
    : await kind.update(session.engine(), request.getId(), olds, withoutNotes(news));
  const response = new messages.UpdateResponse();
  response.setProperties(sealed({ ...state, ...told }));
  return response;
}

export async function remove(session: Session, request: DeleteRequest): Promise<Empty> {
  const [state = {}] = open(request.getProperties()).bags;
  await kindOf(request.getUrn()).remove(session.engine(), request.getId(), state);
  return emptyMessage();
}

function limitsOf(seconds: number): Limits {
  return { timeoutMs: (seconds > 0 ? seconds : OPERATION_TIMEOUT_SECONDS) * 1000 };
}

function inputsFor(kind: Kind, state: Properties): Properties {
  const said = Object.entries(kind.schema).filter(
    ([name, rule]) => !rule.output && (!isZero(state[name]) || rule.default !== undefined),
  );
  return Object.fromEntries(said.map(([name]) => [name, state[name]]));
}
