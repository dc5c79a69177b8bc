import { unsupported } from "../../errors";
import { equal, numeric, text, truthy } from "./values";

/** Makes the function of an operator from those of its operands. Arithmetic on anything but numbers is null, as in Velocity 1.7. */
export function operation<S>(operator: string, operands: readonly ((scope: S) => unknown)[]): (scope: S) => unknown {
    const [a, b] = operands;
    if (!a) throw unsupported(`The operator ${operator} in a mapping template`);
    if (operator === "parenthesis") return a;
    if (operator === "not") return (scope) => !truthy(a(scope));
    if (operator === "minus") return (scope) => -(numeric(a(scope)) ?? Number.NaN);
    if (!b) throw unsupported(`The operator ${operator} in a mapping template`);
    if (operator === "&&") return (scope) => truthy(a(scope)) && truthy(b(scope));
    if (operator === "||") return (scope) => truthy(a(scope)) || truthy(b(scope));
    if (operator === "==") return (scope) => equal(a(scope), b(scope));
    if (operator === "!=") return (scope) => !equal(a(scope), b(scope));
    if (operator === "+") return (scope) => plus(a(scope), b(scope));
    const onNumbers = NUMERIC.get(operator);
    if (!onNumbers) throw unsupported(`The operator ${operator} in a mapping template`);
    return (scope) => {
        const [left, right] = [numeric(a(scope)), numeric(b(scope))];
        return left === undefined || right === undefined ? undefined : onNumbers(left, right);
    };
}

const NUMERIC: ReadonlyMap<string, (a: number, b: number) => unknown> = new Map<
    string,
    (a: number, b: number) => unknown
>([
    ["-", (a, b) => a - b],
    ["*", (a, b) => a * b],
    ["/", (a, b) => divide(a, b)],
    ["%", (a, b) => (b === 0 ? undefined : a % b)],
    ["<", (a, b) => a < b],
    ["<=", (a, b) => a <= b],
    [">", (a, b) => a > b],
    [">=", (a, b) => a >= b],
]);

/** Integers divide to an integer, as in Java; by zero the result is null. */
function divide(a: number, b: number): number | undefined {
    if (b === 0) return undefined;
    return Number.isInteger(a) && Number.isInteger(b) ? Math.trunc(a / b) : a / b;
}

function plus(a: unknown, b: unknown): unknown {
    if (typeof a === "string" || typeof b === "string") return text(a) + text(b);
    const [left, right] = [numeric(a), numeric(b)];
    return left === undefined || right === undefined ? undefined : left + right;
}
