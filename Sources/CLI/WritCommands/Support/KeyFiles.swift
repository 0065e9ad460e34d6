import Glibc
import WritTooling

/// Keys as flags give them: the name of a file with the key, or the key itself.
enum KeyFiles {
    /// The key's text. A name that no file has is taken for the key, as in OPA: secrets are given so.
    static func text(_ argument: String) throws(FileFailure) -> [UInt8] {
        guard !argument.utf8.starts(with: "-----BEGIN".utf8) else { return Array(argument.utf8) }
        do throws(FileFailure) { return try FileSystem.read(argument) } catch {
            guard error.number == ENOENT || error.number == ENAMETOOLONG || error.number == ENOTDIR else { throw error }
            return Array(argument.utf8)
        }
    }
}
