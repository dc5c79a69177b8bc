import * as fs from "node:fs";
import { run, usageError } from "./support/fail";
import { problemsInReport, type Report } from "./support/report";

run(async () => {
    const [file] = process.argv.slice(2);
    if (!file) throw usageError("Name the report to check: npm run check:report -- report.json");
    const report = JSON.parse(fs.readFileSync(file, "utf8")) as Report;
    const problems = problemsInReport(report);
    for (const problem of problems) process.stderr.write(`${problem}\n`);
    const names = Object.keys(report.pipelines).join(", ");
    if (problems.length === 0) process.stdout.write(`${file} accounts for every event of ${names}.\n`);
    return problems.length === 0 ? 0 : 1;
});
