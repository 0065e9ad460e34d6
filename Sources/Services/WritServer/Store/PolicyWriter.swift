import NIOPosix
import Synchronization
import Writ
import WritRuntime

/// What a change to policies or data came to.
enum WriteOutcome: Sendable {
    /// Done, with what was measured on the way, by OPA's names.
    case done([Measure])
    /// Nothing was to be done: `If-None-Match` met something.
    case unchanged
    case failed(WriteFailure)
}

/// A time that was measured: its name, and nanoseconds.
struct Measure: Sendable {
    let name: StaticString
    let nanoseconds: UInt64
}

/// Why a change is refused.
struct WriteFailure: Error, Sendable {
    var status = 400
    var code: StaticString = "invalid_parameter"
    var message: String
    var failure: CompileFailure?

    init(_ message: String) { self.message = message }

    init(status: Int, code: StaticString, _ message: String) {
        self.status = status
        self.code = code
        self.message = message
    }

    init(_ failure: CompileFailure, code: StaticString = "invalid_parameter") {
        message = "error(s) occurred while compiling module(s)"
        self.code = code
        self.failure = failure
    }

    init(_ failure: StoreFailure) {
        switch failure.reason {
        case .notFound: (status, code) = (404, "resource_not_found")
        case .writeConflict: (status, code) = (404, "resource_conflict")
        case .invalidPatch: break
        case .limit: (status, code) = (500, "internal_error")
        }
        message = failure.message
    }

    init(_ failure: JSONError) { message = String(decoding: failure.message, as: UTF8.self) }
}

/// Changes the policies and the data of a store, one change after another, off the event loops. Each makes a new
/// snapshot beside the traffic and puts it in place at once, or changes nothing.
public final class PolicyWriter: PolicyStore {
    private struct State {
        /// The generation that `compiler` and `files` belong to.
        var generation = -1
        var compiler: PolicyCompiler?
        var files: [PolicyFile] = []
        var snapshot: Snapshot?
    }

    let store: SnapshotStore
    /// Beside the state, which a long change holds: decisions ask for it.
    private let owners: Mutex<[ActiveBundle]>
    private let state = Mutex(State())
    /// The data that rules are checked against while they are compiled.
    private let compared = ComparedData()

    /// `bundles` are those that the store's snapshot came from.
    public init(_ store: SnapshotStore, _ bundles: [ActiveBundle] = []) {
        self.store = store
        owners = Mutex(bundles)
    }

    public var generation: Int { store.generation }

    /// The bundles that are active: what they own is not changed over HTTP.
    var bundles: [ActiveBundle] { owners.withLock { $0 } }

    // MARK: Data

    /// Puts a document at a path; makes the objects above it. With `onlyNew` nothing that is there is changed.
    func put(_ path: [[UInt8]], _ body: [UInt8], onlyNew: Bool) -> WriteOutcome {
        body.withUnsafeBufferPointer { put(path, $0, passed: nil, onlyNew: onlyNew) }
    }

    /// The same for a body that lies somewhere already; `passed` is told how many bytes of a large one from its start are
    /// not looked at again.
    func put(
        _ path: [[UInt8]], _ body: UnsafeBufferPointer<UInt8>, passed: ((Int) -> Void)?, onlyNew: Bool
    ) -> WriteOutcome {
        change { (transaction, snapshot) throws(WriteFailure) in
            let start = Worker.now()
            let value = try Self.json(body, &transaction, passed)
            let parsed = Worker.now() &- start
            try checkScope(path)
            if transaction.value(at: path).isUndefined {
                try Self.stored { () throws(StoreFailure) in try transaction.makeObjects(Array(path.dropLast())) }
            } else if onlyNew {
                return .unchanged
            }
            try Self.stored { () throws(StoreFailure) in try transaction.apply(.add, at: path, value) }
            try Self.check(transaction, snapshot)
            return .done([Measure(name: "timer_rego_input_parse_ns", nanoseconds: parsed)])
        }
    }

    /// Applies a list of operations to the document at a path.
    func patch(_ path: [[UInt8]], _ body: [UInt8]) -> WriteOutcome {
        change { (transaction, snapshot) throws(WriteFailure) in
            let start = Worker.now()
            let patches = try PatchOperation.list(body, transaction.space)
            let parsed = Worker.now() &- start
            for patch in patches {
                let place = path + patch.path
                try checkScope(place)
                try Self.stored { () throws(StoreFailure) in
                    try transaction.apply(patch.operation, at: place, patch.value)
                }
            }
            try Self.check(transaction, snapshot)
            return .done([Measure(name: "timer_rego_input_parse_ns", nanoseconds: parsed)])
        }
    }

    func delete(_ path: [[UInt8]]) -> WriteOutcome {
        change { (transaction, _) throws(WriteFailure) in
            try checkScope(path)
            try Self.stored { () throws(StoreFailure) in try transaction.apply(.remove, at: path) }
            return .done([])
        }
    }

    private func change(
        _ body: (inout DataTransaction, Snapshot) throws(WriteFailure) -> WriteOutcome
    ) -> WriteOutcome {
        state.withLock { state in
            catchUp(&state)
            guard let snapshot = state.snapshot else { return .failed(WriteFailure("the store is empty")) }
            var transaction = DataTransaction(snapshot.data)
            do throws(WriteFailure) {
                let outcome = try body(&transaction, snapshot)
                guard case .done = outcome else { return outcome }
                let piece: Piece
                do throws(StoreFailure) { piece = try transaction.freeze() } catch { throw WriteFailure(error) }
                replace(Snapshot(policy: snapshot.policy, data: piece), &state)
                return outcome
            } catch {
                return .failed(error)
            }
        }
    }

    private static func stored(_ body: () throws(StoreFailure) -> Void) throws(WriteFailure) {
        do throws(StoreFailure) { try body() } catch { throw WriteFailure(error) }
    }

    private static func json(
        _ text: UnsafeBufferPointer<UInt8>, _ transaction: inout DataTransaction, _ passed: ((Int) -> Void)?
    ) throws(WriteFailure) -> Value {
        do throws(JSONError) { return try transaction.read(text, passed: passed) } catch { throw WriteFailure(error) }
    }

    private static func check(_ transaction: borrowing DataTransaction, _ snapshot: Snapshot) throws(WriteFailure) {
        let found = transaction.conflicts(with: snapshot.policy)
        guard let first = found.first else { return }
        let path = String(decoding: Array(first.joined(separator: [UInt8(ascii: "/")])), as: UTF8.self)
        throw WriteFailure("1 error occurred: rego_compile_error: conflicting rule for data path \(path) found")
    }

    // MARK: Policies

    /// Puts a policy in place; all are compiled together.
    func put(policy id: String, _ text: [UInt8]) -> WriteOutcome {
        state.withLock { state in
            catchUp(&state)
            let known = state.files.firstIndex { $0.id.elementsEqual(id.utf8) }
            if let known, state.files[known].text == text { return .done([]) }
            guard let snapshot = state.snapshot else { return .failed(WriteFailure("the store is empty")) }
            do throws(WriteFailure) {
                if let known { try checkScope(of: state.files[known]) }
                let file = PolicyFile(name: id, text: text, version: snapshot.policy.options.queryVersion)
                let start = Worker.now()
                try checkScope(of: file)
                let parsed = Worker.now() &- start
                var files = Self.namedByID(state.files)
                if let known { files[known] = file } else { files.append(file) }
                files.sort { $0.id.lexicographicallyPrecedes($1.id) }
                let compiled = try compile(files, snapshot, &state, code: "invalid_parameter")
                return .done([
                    Measure(name: "timer_rego_module_compile_ns", nanoseconds: compiled),
                    Measure(name: "timer_rego_module_parse_ns", nanoseconds: parsed),
                    Measure(name: "timer_server_read_bytes_ns", nanoseconds: 0),
                ])
            } catch {
                return .failed(error)
            }
        }
    }

    func delete(policy id: String) -> WriteOutcome {
        state.withLock { state in
            catchUp(&state)
            guard let snapshot = state.snapshot,
                let known = state.files.firstIndex(where: { $0.id.elementsEqual(id.utf8) })
            else { return .failed(Self.noPolicy(id)) }
            do throws(WriteFailure) {
                try checkScope(of: state.files[known])
                var files = Self.namedByID(state.files)
                files.remove(at: known)
                let compiled = try compile(files, snapshot, &state, code: "invalid_operation")
                return .done([Measure(name: "timer_rego_module_compile_ns", nanoseconds: compiled)])
            } catch {
                return .failed(error)
            }
        }
    }

    /// Once a policy was changed over HTTP, all modules go by their ids, in messages too, as in OPA.
    private static func namedByID(_ files: [PolicyFile]) -> [PolicyFile] {
        files.map { file in
            var result = file
            result.name = file.id
            result.id = result.name
            return result
        }
    }

    static func noPolicy(_ id: String) -> WriteFailure {
        var quoted = OutputBuffer()
        quoted.appendJSONString(id)
        let shown = String(decoding: quoted.bytes, as: UTF8.self)
        return WriteFailure(status: 404, code: "resource_not_found", "storage_not_found_error: policy id \(shown)")
    }

    private func makeCompiler(_ snapshot: Snapshot, _ state: inout State) {
        guard state.compiler == nil else { return }
        var options = snapshot.policy.options
        let compared = compared
        options.dataConflicts = { compared.blocks($0) }
        state.compiler = PolicyCompiler(options: options)
    }

    private func compile(
        _ files: [PolicyFile], _ snapshot: Snapshot, _ state: inout State, code: StaticString
    ) throws(WriteFailure) -> UInt64 {
        let start = Worker.now()
        compared.use(snapshot.data)
        defer { compared.use(nil) }
        makeCompiler(snapshot, &state)
        let policy: Policy
        do throws(CompileFailure) {
            guard let made = try state.compiler?.compile(files) else { throw CompileFailure.none }
            policy = made
        } catch {
            throw WriteFailure(error, code: code)
        }
        state.files = files
        replace(Snapshot(policy: policy, data: snapshot.data), &state)
        return Worker.now() &- start
    }

    // MARK: All at once

    @discardableResult
    public func change(
        _ body: (inout StoreChange) throws(ActivationFailure) -> Void
    ) throws(ActivationFailure) -> StoreChange {
        let result: Result<StoreChange, ActivationFailure> = state.withLock { state in
            catchUp(&state)
            guard let snapshot = state.snapshot else { return .failure(ActivationFailure("the store is empty")) }
            var change = StoreChange(files: state.files, data: snapshot.data, bundles: bundles)
            do throws(ActivationFailure) {
                try body(&change)
                try put(&change, after: snapshot, &state)
                return .success(change)
            } catch {
                // What the compiler made of the files that are not served is of no use to the next change.
                state.compiler = nil
                return .failure(error)
            }
        }
        return try result.get()
    }

    private func put(
        _ change: inout StoreChange, after snapshot: Snapshot, _ state: inout State
    ) throws(ActivationFailure) {
        change.files.sort { $0.id.lexicographicallyPrecedes($1.id) }
        var policy = snapshot.policy
        if !Self.areSame(change.files, state.files) {
            let start = Worker.now()
            compared.use(change.data)
            defer { compared.use(nil) }
            makeCompiler(snapshot, &state)
            do throws(CompileFailure) {
                guard let made = try state.compiler?.compile(change.files) else { throw CompileFailure.none }
                policy = made
            } catch {
                throw ActivationFailure(error)
            }
            change.compiled = Worker.now() &- start
        }
        let next = Snapshot(policy: policy, data: change.data)
        let transaction = DataTransaction(change.data)
        do throws(WriteFailure) { try Self.check(transaction, next) } catch { throw ActivationFailure(error.message) }
        state.files = change.files
        // Who owns what is known before it is served: a write meanwhile is refused rather than lost.
        owners.withLock { $0 = change.bundles }
        replace(next, &state)
    }

    private static func areSame(_ a: [PolicyFile], _ b: [PolicyFile]) -> Bool {
        a.count == b.count
            && zip(a, b).allSatisfy {
                $0.name == $1.name && $0.id == $1.id && $0.version == $1.version && $0.text == $1.text
            }
    }

    // MARK: The store

    /// Takes over what another has put into the store since.
    private func catchUp(_ state: inout State) {
        guard state.generation != store.generation else { return }
        let (snapshot, generation) = store.take()
        state.generation = generation
        state.snapshot = snapshot
        state.compiler = nil
        state.files = snapshot.policy.files.sorted { $0.id.lexicographicallyPrecedes($1.id) }
    }

    private func replace(_ snapshot: Snapshot, _ state: inout State) {
        state.snapshot = snapshot
        state.generation = store.replace(with: snapshot)
    }

    // MARK: Bundles

    private func checkScope(of file: PolicyFile) throws(WriteFailure) {
        guard !bundles.isEmpty || file.text.allSatisfy({ $0 <= 0x20 }) else { return }
        let tree: SyntaxTree
        do throws(CompileFailure) { tree = try SyntaxTree.parse(file) } catch { throw WriteFailure(error) }
        try checkScope(tree.packagePath)
    }

    /// What a bundle owns is changed by the bundle only.
    private func checkScope(_ path: [[UInt8]]) throws(WriteFailure) {
        guard !bundles.isEmpty else { return }
        if path.isEmpty { throw WriteFailure("can't write to document root with bundle roots configured") }
        for bundle in bundles {
            guard let roots = bundle.roots, !roots.contains("") else {
                throw WriteFailure("all paths owned by bundle \"\(bundle.name)\"")
            }
            for root in roots {
                let steps = root.utf8.split(separator: UInt8(ascii: "/"))
                guard zip(path, steps).allSatisfy({ $0.elementsEqual($1) }) else { continue }
                let shown = String(decoding: Array(path.joined(separator: [UInt8(ascii: "/")])), as: UTF8.self)
                throw WriteFailure("path \(shown) is owned by bundle \"\(bundle.name)\"")
            }
        }
    }
}

/// The data that a compilation looks into for what lies where rules are.
private final class ComparedData: Sendable {
    private let data = Mutex<Piece?>(nil)

    func use(_ piece: Piece?) { data.withLock { $0 = piece } }

    /// Whether there is something at a path, or something that is no object above it.
    func blocks(_ path: [[UInt8]]) -> Bool {
        guard let piece = data.withLock({ $0 }) else { return false }
        let transaction = DataTransaction(piece)
        if transaction.value(at: path).isDefined { return true }
        for count in stride(from: path.count - 1, to: 0, by: -1) {
            let above = transaction.value(at: Array(path[..<count]))
            if above.isDefined { return !above.isObject }
        }
        return false
    }
}

extension CompileFailure {
    fileprivate static var none: CompileFailure { CompileFailure(diagnostics: [], sources: SourceMap()) }
}
