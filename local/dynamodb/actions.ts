import type { Store } from "dynalite/db";
import { checkValidations } from "dynalite/validations";
import { isServiceError, serviceError, unsupported } from "../errors";
import { withBytes, withText } from "./item";
import { checkLimits, requireSize } from "./limits";
import type { Item } from "./model";
import type { TableStore } from "./store";

/** What dynalite has for an operation: the types of its parameters, a check across them, and what it does. */
interface Action {
    readonly types: Readonly<Record<string, unknown>>;
    readonly custom: unknown;
    readonly run: (store: Store, data: object, done: (error: Error | null, output?: object) => void) => void;
}

/** A request, with binary values in base64. */
export type Request = Readonly<Record<string, unknown>>;

/** The operations that dynalite does. */
export const ACTIONS = [
    "BatchGetItem",
    "BatchWriteItem",
    "DeleteItem",
    "GetItem",
    "PutItem",
    "Query",
    "Scan",
    "UpdateItem",
] as const;

/** The name of an operation that dynalite does. */
export type ActionName = (typeof ACTIONS)[number];

const loaded = new Map<ActionName, Action>();

/** Checks a request as AWS does and runs it on the store. A parameter that dynalite does not know is refused, where it would be overlooked. */
export async function act(store: TableStore, operation: ActionName, input: Request): Promise<Request> {
    const { types, custom, run } = actionOf(operation);
    const read = withText(input) as Record<string, unknown>;
    const { ReturnValuesOnConditionCheckFailure: onFailure, ...given } = read;
    const known = Object.fromEntries(Object.entries(given).map(([name, value]) => [name, whole(value)]));
    for (const name of Object.keys(known))
        if (!(name in types)) throw unsupported(`The parameter "${name}" of dynamodb:${operation}`);
    let seen: Item | undefined;
    const own = store.forAction({
        seen(item) {
            seen = item;
        },
        // What is put whole has been measured before.
        ...(operation === "UpdateItem" && { checked: requireSize }),
    });
    try {
        checkValidations(known, types, custom, own);
        checkLimits(operation, known);
        return withBytes(await called(run, own, known)) as Request;
    } catch (error) {
        const failed = awsError(error);
        const shows =
            onFailure === "ALL_OLD" && isServiceError(failed) && failed.code === "ConditionalCheckFailedException";
        throw shows && seen ? Object.assign(failed, { Item: seen }) : failed;
    }
}

/** Every number that is a parameter is an integer, and AWS drops what others have behind the point. */
function whole(value: unknown): unknown {
    return typeof value === "number" ? Math.floor(value) : value;
}

function called(run: Action["run"], store: Store, data: object): Promise<object> {
    return new Promise((resolve, reject) => {
        run(store, data, (error, output = {}) => (error ? reject(error) : resolve(output)));
    });
}

function actionOf(operation: ActionName): Action {
    const known = loaded.get(operation);
    if (known) return known;
    const file = operation[0]?.toLowerCase() + operation.slice(1);
    const { types, custom } = require(`dynalite/validations/${file}`) as Pick<Action, "types" | "custom">;
    const action = { types, custom, run: require(`dynalite/actions/${file}`) as Action["run"] };
    loaded.set(operation, action);
    return action;
}

/** dynalite's errors carry the answer as AWS would send it. */
function awsError(error: unknown): unknown {
    const { body, statusCode } = error as {
        readonly body?: { readonly __type: string; readonly message?: string; readonly Message?: string };
        readonly statusCode?: number;
    };
    if (!body) return error;
    return serviceError(body.__type.replace(/^.*#/, ""), body.message ?? body.Message ?? "", statusCode ?? 400);
}
