// Micro-benchmarks of JSON, values and the machine: nanoseconds an operation, best of several rounds.
//
//     micro [TEXT]      only rows whose name contains TEXT

let filter = CommandLine.arguments.dropFirst().first ?? ""
try jsonRows(filter)
try valueRows(filter)
try machineRows(filter)
