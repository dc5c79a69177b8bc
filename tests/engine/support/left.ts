import * as fs from "node:fs";
import * as path from "node:path";

/** The files of a runtime that have something in them, without those of Pulumi's backend. */
export function filesOf(data: string): string[] {
    const all = fs.readdirSync(data, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    const files = all
        .map((entry) => path.join(entry.parentPath, entry.name))
        .filter((file) => fs.statSync(file).size > 0);
    const names = files.map((file) => path.relative(data, file));
    return names.filter((name) => !name.startsWith("pulumi")).sort();
}

/** The TCP ports on which a process listens. https://docs.kernel.org/networking/proc_net_tcp.html */
export function listeningPorts(pid: number): number[] {
    const folder = `/proc/${pid}/fd`;
    const sockets = fs.readdirSync(folder).map((fd) => fs.readlinkSync(path.join(folder, fd)));
    const lines = ["tcp", "tcp6"].flatMap((name) =>
        fs.readFileSync(`/proc/${pid}/net/${name}`, "utf8").split("\n").slice(1),
    );
    const ports = lines.flatMap((line) => {
        const [, local = "", , state, , , , , , inode] = line.trim().split(/\s+/);
        const listens = state === "0A" && sockets.includes(`socket:[${inode}]`);
        return listens ? [Number.parseInt(local.split(":")[1] ?? "", 16)] : [];
    });
    return ports.sort();
}
