import Foundation
import WritJournal

/// A folder that goes with the test.
final class Folder {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "writ-journal-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func files() throws -> [String: Data] {
        var result: [String: Data] = [:]
        for name in try FileManager.default.contentsOfDirectory(atPath: path) where name != "lock" {
            // The housekeeper may take one away meanwhile.
            result[name] = try? Data(contentsOf: URL(fileURLWithPath: path + "/" + name))
        }
        return result
    }

    func write(_ files: [String: Data]) throws {
        for (name, data) in files { try data.write(to: URL(fileURLWithPath: path + "/" + name)) }
    }

    /// What a process that is ended now leaves: the page cache is what files show.
    func asLeft() throws -> Folder {
        let copy = try Folder()
        try copy.write(files())
        return copy
    }
}

/// Repeatable chance (SplitMix64).
struct Chance: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

extension JournalSettings {
    /// Small segments, and no syncing but what a test asks for.
    static func small(_ folder: Folder, _ whenFull: WhenFull = .dropOldest, segments: Int = 8) -> JournalSettings {
        JournalSettings(
            directory: folder.path, maximumBytes: segments * 4096, segmentBytes: 4096,
            sync: .interval(milliseconds: 3_600_000), whenFull: whenFull)
    }
}

/// A record's bytes, which tell its number.
func payload(_ number: Int, size: Int = 100) -> [UInt8] {
    var result = Array("\(number):".utf8)
    while result.count < size { result.append(UInt8(truncatingIfNeeded: number &* 31 &+ result.count)) }
    return result
}
