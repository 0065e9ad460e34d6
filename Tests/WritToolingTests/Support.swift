import Foundation

/// A folder of files that is gone when the test ends.
final class Folder {
    let path: String

    init(_ files: [String: String]) throws {
        let base = FileManager.default.temporaryDirectory.appendingPathComponent("writ-\(UUID().uuidString)")
        path = base.path
        try FileManager.default.createDirectory(at: base, withIntermediateDirectories: true)
        for (name, text) in files {
            let file = base.appendingPathComponent(name)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: file)
        }
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    subscript(_ name: String) -> String { path + "/" + name }

    /// A text without the folder's place.
    func relative(_ text: String) -> String { text.replacingOccurrences(of: path + "/", with: "") }
}
