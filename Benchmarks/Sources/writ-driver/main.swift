// Decisions of one workload, timed.
//
//     writ-driver DIR MODE SAMPLES MS
//
// MODE text: JSON text in, JSON text out. prepared: the input is a value already, the result is not written.
// results: prints each input's answer. count N: makes N decisions after warming up, for an allocation counter.

import Foundation

let arguments = CommandLine.arguments
guard arguments.count >= 5, let samples = Int(arguments[3]), let milliseconds = Int(arguments[4]) else {
    print("usage: writ-driver DIR text|prepared|results|count SAMPLES MS")
    exit(2)
}
let driver = try Driver(Workload(arguments[1]))
switch arguments[2] {
case "results": print(try driver.results())
case "count": exit(try driver.count(samples) ? 0 : 1)
default: print(try driver.time(arguments[2], samples: samples, milliseconds: milliseconds))
}
