import Glibc
import WritFiles

// What these write is on the disk when they return: another file may be removed because of it.
extension FileSystem {
    /// Writes a file as a whole: whatever happens, it has its old content or the new one, never a part.
    public static func save(_ bytes: [UInt8], to path: String) throws(FileFailure) {
        try told(path) { (calls) throws(FileCallFailure) in try calls.save(bytes, to: path, mode: 0o644) }
    }

    /// The same; but before it has its name, `check` looks at it under another. Where that throws, nothing has changed.
    public static func save<Result>(
        _ bytes: [UInt8], to path: String, checking check: (_ temporary: String) throws -> Result
    ) throws -> Result {
        let temporary = try told(path) { (calls) throws(FileCallFailure) in
            try calls.write(bytes, beside: path, mode: 0o644)
        }
        let result: Result
        do { result = try check(temporary) } catch {
            FileCalls().remove(temporary)
            throw error
        }
        try told(path) { (calls) throws(FileCallFailure) in try calls.place(temporary, at: path) }
        return result
    }

    /// Writes a file that nobody but its owner reads; never over another.
    public static func saveSecret(_ bytes: [UInt8], to path: String) throws(FileFailure) {
        try told(path) { (calls) throws(FileCallFailure) in try calls.create(bytes, at: path) }
    }

    /// Removes a file, if it is there.
    public static func remove(_ path: String) throws(FileFailure) {
        try told(path) { (calls) throws(FileCallFailure) in try calls.removeForGood(path) }
    }

    /// Makes the folder that a path lies in, and those above.
    public static func makeFolder(of path: String) throws(FileFailure) {
        var folder = path.hasPrefix("/") ? "" : "."
        for part in path.split(separator: "/").dropLast() {
            folder += "/" + part
            let made = folder
            try told(made) { (calls) throws(FileCallFailure) in try calls.makeFolder(made, mode: 0o755) }
        }
    }

    @discardableResult
    private static func told<Result>(
        _ path: String, _ call: (FileCalls) throws(FileCallFailure) -> Result
    ) throws(FileFailure) -> Result {
        do throws(FileCallFailure) { return try call(FileCalls()) } catch {
            let named = ["open", "mkdir", "unlink"].contains(error.call)
            throw FileFailure(operation: named ? error.call : "write", path: path, number: error.number)
        }
    }
}
