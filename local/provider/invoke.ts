import { unsupported } from "../errors";
import type { Properties } from "../resources";
import type { Place } from "../services";

/** Answers the provider's functions that the program calls. */
export function invoke(place: Place, token: string, args: Properties): Properties {
    switch (token) {
        case "aws:index/getCallerIdentity:getCallerIdentity":
            return {
                accountId: place.account,
                arn: `arn:aws:iam::${place.account}:root`,
                id: place.account,
                userId: place.account,
            };
        case "aws:index/getRegion:getRegion":
            return {
                description: `local (${place.region})`,
                endpoint: `ec2.${place.region}.amazonaws.com`,
                id: place.region,
                name: place.region,
                region: place.region,
            };
        case "aws:index/getPartition:getPartition":
            return { dnsSuffix: "amazonaws.com", id: "aws", partition: "aws", reverseDnsPrefix: "com.amazonaws" };
        default:
            throw unsupported(`The function ${token}(${Object.keys(args).join(", ")})`);
    }
}
