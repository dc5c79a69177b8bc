/** Inputs or outputs of a resource: plain JSON, with Pulumi's own property names. */
export type Properties = Record<string, unknown>;

/** A resource that lives in the local runtime. It is never changed in place: an update puts a new object in the table. */
export interface Resource<I = Properties, O = Properties> {
    /** Pulumi's type token, such as `aws:s3/bucket:Bucket`. */
    readonly type: string;
    /** The provider's id, unique within the type. */
    readonly id: string;
    /** What the program asked for, names filled in. */
    readonly inputs: I;
    /** What the program sees: the inputs, and what AWS would have added (ARNs, URLs, ids). */
    readonly outputs: O;
}

/** The table of live resources: the one place where local services read how they are configured. It survives a restart. */
export interface Resources {
    /** Every live resource of a type, in the order in which they were made. */
    all<I = Properties, O = Properties>(type: string): readonly Resource<I, O>[];
    /** The resource of that type and id. */
    get<I = Properties, O = Properties>(type: string, id: string): Resource<I, O> | undefined;
    /** Calls back after each creation, update or deletion of a resource of that type. */
    onChange(type: string, listener: () => void): void;
    /** Adds a resource that no program owns, as an API makes it, or changes one; the program that owns it still does. */
    put(resource: Resource): unknown;
    /** Removes a resource, whoever owns it. */
    remove(type: string, id: string): void;
}

/** What a binding makes or changes: the resource's id and its outputs. */
export interface Made {
    readonly id: string;
    readonly outputs: Properties;
}

/**
 * What the local runtime does for one resource type. A binding knows nothing of which door called (`npm start` or Pulumi's engine), and it
 * keeps no list of its own: services find their resources in {@link Resources}.
 */
export interface Binding {
    /**
     * The input that holds the physical name and is filled in as `<logical name>-<7 hex>` where the program leaves it out.
     * `maxLength` and `lower` follow AWS's rules for such names.
     */
    readonly name?: { readonly property: string; readonly maxLength?: number; readonly lower?: boolean };
    /** What AWS would refuse in these inputs beyond what local/provider/aws-resources.json says: a sentence each, none when all is well. */
    check?(inputs: Properties): readonly string[];
    /** Makes the resource: computes its id and outputs, and does what must be done on disk. `name` is the logical name. */
    create(inputs: Properties, name: string): Promise<Made> | Made;
    /** Changes the resource in place. Without it, an update computes the outputs as `create` does and keeps the id. */
    update?(old: Resource, inputs: Properties, name: string): Promise<Made> | Made;
    /** The resource as it is now, or undefined when what it stands for is gone. Without it, the table's own record is the truth. */
    read?(resource: Resource): Promise<Made | undefined> | Made | undefined;
    /** Removes what `create` made, data included, as AWS would; refuses as AWS would (a bucket that is not empty). */
    delete?(resource: Resource): Promise<void> | void;
}

/** Bindings by resource type. */
export type Bindings = Readonly<Record<string, Binding>>;
