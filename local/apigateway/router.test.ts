import * as assert from "node:assert/strict";
import type { Route, Segment } from "./model";
import { createRouter } from "./router";

function route(path: string): Route {
    const segments = path
        .split("/")
        .slice(1)
        .map((part): Segment => {
            const name = /^\{(.+?)(\+?)\}$/.exec(part);
            return name ? { parameter: name[1] ?? "", greedy: name[2] === "+" } : { literal: part };
        });
    return { path, resourceId: "", segments: path === "/" ? [] : segments, methods: new Map() };
}

describe("createRouter", () => {
    const paths = ["/", "/a", "/a/{id}", "/a/b", "/a/b/c", "/a/{id}/d", "/a/{proxy+}", "/{proxy+}"];
    const router = createRouter(paths.map(route));
    const cases: readonly (readonly [string, string | undefined, object])[] = [
        ["", "/", {}],
        ["a", "/a", {}],
        ["a/b", "/a/b", {}],
        ["a/x", "/a/{id}", { id: "x" }],
        ["a/b/c", "/a/b/c", {}],
        ["a/b/d", "/a/{id}/d", { id: "b" }],
        ["a/b/x", "/a/{proxy+}", { proxy: "b/x" }],
        ["a/x/y/z", "/a/{proxy+}", { proxy: "x/y/z" }],
        ["z/y", "/{proxy+}", { proxy: "z/y" }],
        ["a/__proto__", "/a/{id}", { id: "__proto__" }],
    ];
    for (const [path, expected, parameters] of cases) {
        it(`leads /${path} to ${expected}`, () => {
            const match = router(path === "" ? [] : path.split("/"));
            assert.deepStrictEqual([match?.route.path, match?.parameters], [expected, parameters]);
        });
    }

    it("finds nothing where there is no route", () => {
        const small = createRouter([route("/a/{id}")]);
        for (const parts of [[], ["a"], ["b", "c"], ["a", ""], ["a", "b", "c"]])
            assert.deepStrictEqual(small(parts), undefined);
    });
});
