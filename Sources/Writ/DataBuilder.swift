import WritVM

/// Puts base data together from JSON documents.
public struct DataBuilder: ~Copyable {
    let space: Space
    var root: Value = .emptyObject
    /// Large documents, each a piece of its own, attached to the space.
    private var pieces: [(piece: Piece, value: Value)] = []
    /// Texts of this many bytes or more are read straight into a piece.
    private static let large = 1 << 20
    /// Data takes about 1.7 times its text. So much memory is asked for at once; what is too much is never touched.
    static let sizeOfText = 3

    /// `memoryLimit` bounds the working memory, in bytes; the frozen data takes about as much again.
    public init(memoryLimit: Int = 16 << 30) {
        space = Space.create(memoryLimit: memoryLimit)
    }

    deinit { space.destroy() }

    /// Merges a JSON document into the data at a path (empty: the root).
    ///
    /// Objects merge; anything else that meets something is a conflict, as with OPA's loader. The root must be
    /// an object.
    public mutating func add(_ json: [UInt8], at path: [[UInt8]] = []) throws(DataFailure) {
        try add(readWhole(json), at: path)
    }

    /// A document as a value: a large one is read straight into a piece.
    mutating func readWhole(_ json: borrowing [UInt8]) throws(DataFailure) -> Value {
        guard json.count >= Self.large else { return try read(copy json) }
        let read: Result<Value, DataFailure> = json.withUnsafeBufferPointer { text in
            do throws(DataFailure) { return .success(try readLarge(text, passed: nil)) } catch {
                return .failure(error)
            }
        }
        return try read.get()
    }

    /// The same for a document that should not be in memory twice: `passed` is told now and then how many bytes from its
    /// start are not looked at again. The place of a syntax error is unknown where such bytes are given away.
    public mutating func add(
        _ json: UnsafeBufferPointer<UInt8>, at path: [[UInt8]], passed: @escaping (Int) -> Void
    ) throws(DataFailure) {
        try add(readLarge(json, passed: passed), at: path)
    }

    mutating func readLarge(
        _ json: UnsafeBufferPointer<UInt8>, passed: ((Int) -> Void)?
    ) throws(DataFailure) -> Value {
        do throws(JSONError) {
            let made = try space.freezeJSON(
                json, expected: json.count * Self.sizeOfText, limit: space.memoryLimit, passed: passed)
            pieces.append(made)
            return made.value
        } catch {
            let position = passed == nil ? error.position(in: json) : nil
            throw DataFailure(
                reason: .syntax, message: String(decoding: error.message, as: UTF8.self),
                position: position.map { Position(row: $0.row, column: $0.column) })
        }
    }

    /// A document as a value of the builder's space.
    func read(_ json: [UInt8]) throws(DataFailure) -> Value {
        do throws(JSONError) { return try space.readJSON(json) } catch {
            let position = json.withUnsafeBufferPointer { error.position(in: $0) }
            throw DataFailure(
                reason: .syntax, message: String(decoding: error.message, as: UTF8.self),
                position: Position(row: position.row, column: position.column))
        }
    }

    mutating func add(_ value: Value, at path: [[UInt8]]) throws(DataFailure) {
        do throws(Fault) {
            var document = value
            for key in path.reversed() {
                var list = ValueList()
                try list.append(try space.string(key), in: space)
                try list.append(document, in: space)
                document = try space.object(pairs: list)
            }
            guard document.isObject else { throw Fault(.type) }
            if space.conflict(root, document) { throw Fault(.conflict) }
            root = try space.merged(root, document)
            try space.check()
        } catch {
            switch error.code {
            case .type:
                throw DataFailure(reason: .notAnObject, message: "the root of the data must be an object")
            case .conflict: throw DataFailure(reason: .conflict, message: "merge error")
            default: throw DataFailure(reason: .limit, message: DecisionFailure.message(of: error.code))
            }
        }
    }

    /// Whether the data has a value at a path.
    public func contains(_ path: [[UInt8]]) -> Bool {
        var value = root
        for key in path {
            guard let step = try? space.string(key) else { return false }
            value = space.member(value, step)
            if value.isUndefined { return false }
        }
        return true
    }

    /// The data as an immutable piece.
    public func freeze() throws(DataFailure) -> Piece {
        // One large document is all there is: it is a piece already.
        for made in pieces where Value.identical(root, made.value) { return made.piece }
        do throws(Fault) {
            return pieces.isEmpty
                ? try Piece(freezing: root, of: space)
                : try Piece(freezing: root, of: space, sharing: pieces.map { $0.piece })
        } catch {
            throw DataFailure(reason: .limit, message: DecisionFailure.message(of: error.code))
        }
    }

    /// The data as JSON text.
    public func json() throws(DataFailure) -> [UInt8] {
        do throws(Fault) { return try space.json(root) } catch {
            throw DataFailure(reason: .limit, message: DecisionFailure.message(of: error.code))
        }
    }

    /// Whether other data has something where this has too, and one of both is no object.
    func conflictsWith(_ other: Value) -> Bool { space.conflict(root, other) }
}

extension Space {
    /// Whether two documents have something at one place that is not an object in both.
    func conflict(_ a: Value, _ b: Value, depth: Int = 0) -> Bool {
        guard a.isObject, b.isObject, depth < Space.depthLimit else { return true }
        let entries = entries(b)
        for index in 0..<entries.count {
            let other = member(a, entries.keys[index])
            if other.isDefined, conflict(other, entries.values[index], depth: depth + 1) { return true }
        }
        return false
    }
}

/// Why a document cannot become part of the data.
public struct DataFailure: Error, Sendable {
    public enum Reason: Sendable {
        case syntax, notAnObject, conflict, limit
    }

    public let reason: Reason
    public let message: String
    /// Row and column of a syntax error.
    public let position: Position?

    init(reason: Reason, message: String, position: Position? = nil) {
        self.reason = reason
        self.message = message
        self.position = position
    }
}
