import WritVM

/// Changes to base data, as OPA's store makes them: to all of it or to none.
///
/// The data that it begins with stays as it is; `freeze` gives the changed data as a new piece. Not thread-safe.
public struct DataTransaction: ~Copyable {
    /// What a change does at the end of its path.
    public enum Operation: Sendable {
        /// Sets a key of an object, or inserts into an array (`-` stands for its end).
        case add
        case remove
        /// Changes what is there.
        case replace
    }

    /// Where the values to write are made. They live until the transaction ends.
    public let space: Space
    var root: Value
    /// The data it began with.
    private let former: Piece?
    /// Other data that parts of the changed data come from.
    var joined: [Piece] = []
    /// Large documents that were read, each a piece of its own.
    private var read: [(piece: Piece, value: Value)] = []
    /// Texts that `read` takes straight into a piece are of so many bytes or more.
    public var largeText = 16 << 20
    /// The numbers of pieces that much is not needed of any more.
    private var dropped: [UInt16] = []

    /// Begins with base data (nil: an empty object). `memoryLimit` bounds the working memory, in bytes.
    public init(_ data: Piece?, memoryLimit: Int = 16 << 30) {
        let space = Space.create(memoryLimit: memoryLimit)
        self.space = space
        former = data
        root = data.map { space.root(of: $0, attachedAs: space.attach($0)) } ?? .emptyObject
    }

    deinit { space.destroy() }

    /// The value at a path, undefined where there is none. Steps into arrays are numbers.
    public func value(at path: [[UInt8]]) -> Value {
        var value = root
        for key in path {
            if value.isArray {
                guard let index = Self.index(key), index < value.count else { return .undefined }
                value = space.element(value, index)
            } else {
                guard let step = try? space.string(key) else { return .undefined }
                value = space.member(value, step)
            }
            if value.isUndefined { return .undefined }
        }
        return value
    }

    /// Reads a JSON text as a value to write. A large one goes straight into a piece, so that the document is
    /// not in memory twice; `passed` is told then how many bytes from its start are not looked at again. What
    /// follows the first value of the text is passed over, as by OPA's decoder.
    public mutating func read(
        _ json: UnsafeBufferPointer<UInt8>, passed: ((Int) -> Void)? = nil
    ) throws(JSONError) -> Value {
        var options = JSONOptions()
        options.takesFirst = true
        guard json.count >= largeText else { return try space.readJSON(json, options: options) }
        let made = try space.freezeJSON(
            json, options: options, expected: json.count * DataBuilder.sizeOfText, limit: space.memoryLimit,
            passed: passed)
        read.append(made)
        return made.value
    }

    /// Makes empty objects down to a path, as far as they are not there. Throws `writeConflict` where something else
    /// lies on the way.
    public mutating func makeObjects(_ path: [[UInt8]]) throws(StoreFailure) {
        try Self.checkDepth(path)
        var depth = path.count
        while depth > 0, value(at: Array(path[..<depth])).isUndefined { depth -= 1 }
        guard value(at: Array(path[..<depth])).isObject else {
            throw StoreFailure(.writeConflict, Self.shown(path[..<depth]))
        }
        for count in depth..<path.count { try apply(.add, at: Array(path[...count]), .emptyObject) }
    }

    /// Makes one change. `value` lies in `space`; a removal takes none. Throws `notFound` where the path leads nowhere,
    /// `invalidPatch` where the operation makes no sense there.
    public mutating func apply(
        _ operation: Operation, at path: [[UInt8]], _ value: Value = .undefined
    ) throws(StoreFailure) {
        try Self.checkDepth(path)
        guard !path.isEmpty else {
            switch operation {
            case .remove: throw StoreFailure(.invalidPatch, "/: root cannot be removed")
            case .add, .replace:
                guard value.isObject else { throw StoreFailure(.invalidPatch, "/: root must be object") }
                root = value
                dropped += former?.parts.compactMap { space.number(of: $0) } ?? []
            }
            return
        }
        root = try changed(root, 0, path, operation, value)
    }

    /// The data as a new piece.
    ///
    /// What did not change is shared with the former data, as long as that is large beside what changed since it was
    /// last written out as a whole.
    public func freeze() throws(StoreFailure) -> Piece {
        do throws(Fault) {
            try space.check()
            if let piece = try overlay() { return piece }
            return try Piece(freezing: root, of: space)
        } catch {
            throw StoreFailure(.limit, DecisionFailure.message(of: error.code))
        }
    }

    /// Data of fewer bytes is always written out as a whole.
    private static var wholeLimit: Int { 16 << 10 }
    /// Pieces that lie on the first ones before they are put together.
    private static var overlayLimit: Int { 12 }

    /// The changed data as a piece that refers to others; nil where it is better written out.
    private func overlay() throws(Fault) -> Piece? {
        // One large document is all there is: it is a piece already.
        for made in read where Value.identical(root, made.value) { return made.piece }
        var parts = remaining()
        // What was written as a whole, and what lies over it. Lent memory costs nothing as long as it stays where it is.
        var bases = parts.filter { $0.isWhole && ($0.isLent || $0.size > Self.wholeLimit) }
        let whole = bases.reduce(0) { $0 + $1.size }
        let changed = parts.reduce(0) { $0 + ($1.isWhole ? 0 : $1.size) }
        let adds = !joined.isEmpty || !read.isEmpty
        if bases.count + read.count > Self.overlayLimit {
            bases = bases.filter(\.isLent)
            guard !bases.isEmpty || !joined.isEmpty else { return nil }
        }
        if bases.isEmpty || changed >= whole / 4 {
            guard adds else { return nil }
            parts = bases
        }
        // The youngest pieces are small: what is alive in them is copied. Where there are many pieces, those that are
        // no larger than what came after them are.
        var size = 4 << 10
        if parts.count > Self.overlayLimit {
            while let last = parts.last, !last.isWhole, last.size <= 2 * size {
                size += last.size
                parts.removeLast()
            }
            if parts.count > Self.overlayLimit { parts = bases }
        } else if let last = parts.last, !last.isWhole, last.size <= size {
            parts.removeLast()
        }
        for piece in joined {
            for part in piece.parts where part.isLent && !parts.contains(where: { $0 === part }) { parts.append(part) }
        }
        parts += read.map(\.piece)
        guard !parts.isEmpty else { return nil }
        do throws(Fault) {
            return try Piece(
                freezing: root, of: space, sharing: parts, limit: adds ? .max : max(1 << 16, whole / 4))
        } catch {
            guard error.code == .memoryLimit else { throw error }
            return nil
        }
    }

    /// The parts of the former data that may be referred to, each with all that it refers to itself.
    private func remaining() -> [Piece] {
        var kept: [Piece] = []
        for part in former?.parts ?? [] {
            if let number = space.number(of: part), dropped.contains(number) { continue }
            if part.rests(on: kept) { kept.append(part) }
        }
        return kept
    }

    /// Notes where a value lies that is dropped, where it is much: what else is alive there is copied.
    private mutating func noteDropped(_ value: Value) {
        if isMuch(value) { dropped += space.homes(of: value) }
    }

    /// Whether a value is more than a few hundred values.
    private func isMuch(_ value: Value) -> Bool {
        var left = 500
        func count(_ value: Value, _ depth: Int) {
            left -= 1
            guard left > 0, depth < 100, value.isCollection else { return }
            guard value.count < left else {
                left = 0
                return
            }
            let values = value.isObject ? space.entries(value).values : space.elements(value)
            for index in 0..<values.count where left > 0 { count(values[index], depth + 1) }
        }
        count(value, 0)
        return left <= 0
    }

    /// Paths where a policy has rules and the data has something too, or something that is no object above them.
    public func conflicts(with policy: Policy) -> [[[UInt8]]] {
        var found: [[[UInt8]]] = []
        collect(policy, node: 0, root, [], &found)
        return found
    }

    private func collect(
        _ policy: Policy, node: Int, _ value: Value, _ path: [[UInt8]], _ found: inout [[[UInt8]]]
    ) {
        for child in policy.plan.documents[node].children {
            let document = policy.plan.documents[Int(child)]
            guard document.function != nil else { continue }
            let name = policy.key(of: Int(child))
            guard let key = try? space.string(name) else { continue }
            let member = value.isObject ? space.member(value, key) : .undefined
            let isBelow = !value.isObject || member.isDefined
            guard isBelow else { continue }
            if document.isRule {
                found.append(path + [name])
            } else {
                collect(policy, node: Int(child), value.isObject ? member : value, path + [name], &found)
            }
        }
    }

    // MARK: Steps

    private mutating func changed(
        _ node: Value, _ depth: Int, _ path: [[UInt8]], _ operation: Operation, _ value: Value
    ) throws(StoreFailure) -> Value {
        if node.isArray { return try changedArray(node, depth, path, operation, value) }
        guard node.isObject else { throw Self.notFound(path) }
        let space = space
        let isLast = depth == path.count - 1
        let key = try Self.made { () throws(Fault) in try space.string(path[depth]) }
        let member = space.member(node, key)
        var next = Value.undefined
        if isLast {
            if operation != .add, member.isUndefined { throw Self.notFound(path) }
            noteDropped(member)
            if operation != .remove { next = value }
        } else {
            guard member.isDefined else { throw Self.notFound(path) }
            next = try changed(member, depth + 1, path, operation, value)
        }
        return try Self.made { () throws(Fault) in try space.setting(node, key, to: next) }
    }

    private static func made<Result>(_ body: () throws(Fault) -> Result) throws(StoreFailure) -> Result {
        do throws(Fault) { return try body() } catch {
            throw StoreFailure(.limit, DecisionFailure.message(of: error.code))
        }
    }

    private mutating func changedArray(
        _ array: Value, _ depth: Int, _ path: [[UInt8]], _ operation: Operation, _ value: Value
    ) throws(StoreFailure) -> Value {
        let elements = space.elements(array)
        let isLast = depth == path.count - 1
        if isLast, path[depth] == [UInt8(ascii: "-")] || Self.index(path[depth]) == elements.count {
            guard operation == .add else {
                throw StoreFailure(.invalidPatch, "\(Self.shown(path[...])): invalid patch path")
            }
            return try self.array(elements, replacing: elements.count..<elements.count, with: value)
        }
        guard let index = Self.index(path[depth]) else {
            throw StoreFailure(.notFound, "\(Self.shown(path[...])): array index must be integer")
        }
        guard index < elements.count else {
            throw StoreFailure(.notFound, "\(Self.shown(path[...])): array index out of range")
        }
        if !isLast {
            let element = try changed(elements[index], depth + 1, path, operation, value)
            return try self.array(elements, replacing: index..<index + 1, with: element)
        }
        if operation != .add { noteDropped(elements[index]) }
        switch operation {
        case .add: return try self.array(elements, replacing: index..<index, with: value)
        case .remove: return try self.array(elements, replacing: index..<index + 1, with: .undefined)
        case .replace: return try self.array(elements, replacing: index..<index + 1, with: value)
        }
    }

    /// The elements with those of a range replaced by a value (undefined: by none).
    private func array(
        _ elements: Elements, replacing range: Range<Int>, with value: Value
    ) throws(StoreFailure) -> Value {
        do throws(Fault) {
            var list = ValueList()
            for index in 0..<range.lowerBound { try list.append(elements[index], in: space) }
            if value.isDefined { try list.append(value, in: space) }
            for index in range.upperBound..<max(range.upperBound, elements.count) {
                try list.append(elements[index], in: space)
            }
            return try space.array(list)
        } catch {
            throw StoreFailure(.limit, DecisionFailure.message(of: error.code))
        }
    }

    private static func index(_ key: [UInt8]) -> Int? {
        guard !key.isEmpty, key.count < 10 else { return nil }
        var index = 0
        for byte in key {
            guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
            index = index * 10 + Int(byte - UInt8(ascii: "0"))
        }
        return index
    }

    private static func notFound(_ path: [[UInt8]]) -> StoreFailure {
        StoreFailure(.notFound, "\(shown(path[...])): document does not exist")
    }

    /// What is deeper cannot be stored anyway; steps are taken by recursion.
    private static func checkDepth(_ path: [[UInt8]]) throws(StoreFailure) {
        guard path.count < 1_000 else { throw StoreFailure(.limit, DecisionFailure.message(of: .depthLimit)) }
    }

    /// A path as messages show it: `/a/b%2Fc`.
    static func shown(_ path: ArraySlice<[UInt8]>) -> String {
        guard !path.isEmpty else { return "/" }
        let digits = Array("0123456789ABCDEF".utf8)
        var text: [UInt8] = []
        for step in path {
            text.append(UInt8(ascii: "/"))
            for byte in step {
                let isPlain =
                    byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7a || byte >= 0x30 && byte <= 0x39
                    || "-_.~$&+:=@".utf8.contains(byte)
                if isPlain {
                    text.append(byte)
                } else {
                    text += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
                }
            }
        }
        return String(decoding: text, as: UTF8.self)
    }
}

/// Why base data is not changed.
public struct StoreFailure: Error, Sendable {
    public enum Reason: Sendable {
        case notFound, writeConflict, invalidPatch, limit
    }

    public let reason: Reason
    /// OPA's words.
    public let message: String

    init(_ reason: Reason, _ text: String) {
        self.reason = reason
        message =
            switch reason {
            case .notFound: "storage_not_found_error: \(text)"
            case .writeConflict: "storage_write_conflict_error: \(text)"
            case .invalidPatch: "storage_invalid_patch_error: \(text)"
            case .limit: text
            }
    }
}
