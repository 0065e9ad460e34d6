// In-process conformance: the shared evaluation cases, judged as their README says.
//
//     writ-conformance [--list FILE] [--update] [--only TEXT] [--verbose] [SUITE ...]
//
// Suites `roundtrip-v1` and so on are those of `rego-` again: what a case compiles to is written as OPA's plan.json,
// read and evaluated.
//
// WRIT_CONFORMANCE names the folder of the data (default ../shared/conformance). A case passes, is unsupported
// (it needs what is not built yet, and says so with the code `writ_unsupported`) or is wrong. With a ratchet
// list, a case in it that does not pass makes the run fail.

import Foundation

let arguments = RunnerArguments(CommandLine.arguments.dropFirst())
let root = ProcessInfo.processInfo.environment["WRIT_CONFORMANCE"] ?? "../shared/conformance"
guard FileManager.default.fileExists(atPath: root) else {
    print("skipped: no conformance data at \(root)")
    print("0 passed, 0 failed, 1 skipped")
    exit(0)
}
exit(Runner(root: root, arguments: arguments).run() ? 0 : 1)
