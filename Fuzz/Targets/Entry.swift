import Glibc

/// The target of this name, or nil. One program holds them all, because building it is what takes long.
private func target(_ name: String) -> ((UnsafeBufferPointer<UInt8>) -> Void)? {
    switch name {
    case "json": return fuzzJSON
    case "rego": return fuzzRego
    case "format": return fuzzFormat
    case "run": return fuzzRun
    case "regex": return fuzzRegex
    case "piece": return fuzzPiece
    case "image": return fuzzImage
    case "plan": return fuzzPlan
    case "metadata": return fuzzMetadata
    case "zone": return fuzzZone
    case "archive": return fuzzArchive
    default:
        guard let asked = Asked(name) else { return nil }
        return { asked.ask($0) }
    }
}

// libFuzzer calls from one thread only.
nonisolated(unsafe) private let chosen = getenv("WRIT_FUZZ").flatMap { target(String(cString: $0)) }

/// Called by libFuzzer for each input. What must hold is checked by `precondition`: a trap is a finding.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    guard let chosen else { fatalError("WRIT_FUZZ names no target") }
    chosen(UnsafeBufferPointer(start: bytes, count: bytes == nil ? 0 : count))
    return 0
}
