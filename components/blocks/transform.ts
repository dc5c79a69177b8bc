/** Changes the arguments of a child before it is made: some arguments to put over them, or a function from theirs to others. */
export type Transform<Args> = Partial<Args> | ((args: Args) => Args);

/** The arguments of a child after its transform, if there is one. */
export function transformed<Args extends object>(transform: Transform<Args> | undefined, args: Args): Args {
    return typeof transform === "function" ? transform(args) : { ...args, ...transform };
}
