import Glibc

/// The target of this name, or nil. One program holds them all, because building it is what takes long.
private func target(_ name: String) -> (@Sendable (UnsafeBufferPointer<UInt8>) -> Void)? {
    switch name {
    case "json": fuzzJSON
    case "rego": fuzzRego
    case "format": fuzzFormat
    case "run": fuzzRun
    case "regex": fuzzRegex
    case "piece": fuzzPiece
    case "plan": fuzzPlan
    case "metadata": fuzzMetadata
    default: nil
    }
}

private let chosen = getenv("WRIT_FUZZ").flatMap { target(String(cString: $0)) }

/// Called by libFuzzer for each input. What must hold is checked by `precondition`: a trap is a finding.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    guard let chosen else { fatalError("WRIT_FUZZ names no target") }
    chosen(UnsafeBufferPointer(start: bytes, count: bytes == nil ? 0 : count))
    return 0
}
