import Synchronization

/// A policy's modules, compiled when something first asks for more than its plan; at once by whoever asks first, the
/// others wait.
final class LateCompilation: Sendable {
    private let result = Mutex<Result<Policy, CompileFailure>?>(nil)

    func policy(_ files: [PolicyFile], _ options: CompileOptions) throws(CompileFailure) -> Policy {
        let found = result.withLock { result in
            if let result { return result }
            let made = Result { () throws(CompileFailure) in try Policy.compile(files, options: options) }
            result = made
            return made
        }
        return try found.get()
    }
}
