import WritBuiltins
import WritRegex

public typealias ContentHash = WritBuiltins.ContentHash

// What bundles need of data beyond putting it together.
extension DataBuilder {
    /// Whether nothing was added.
    public var isEmpty: Bool { root.count == 0 }

    /// Adds a document as `add` does, and gives its canonical text, part by part, to a function: compact JSON with the keys
    /// of objects in order, the spelling of numbers kept, and no more escapes than JSON needs. Signatures of bundles hash
    /// that; the whole text, as long as the document, is never in memory.
    public mutating func addCanonically(
        _ json: consuming [UInt8], at path: [[UInt8]] = [], to sink: (UnsafeBufferPointer<UInt8>) -> Void
    ) throws(DataFailure) {
        let value = try readWhole(json)
        json = []
        try stream(value, to: sink)
        try add(value, at: path)
    }

    /// The same for a document that should not be in memory twice; `passed` is that of `add`.
    public mutating func addCanonically(
        _ json: UnsafeBufferPointer<UInt8>, at path: [[UInt8]], passed: @escaping (Int) -> Void,
        to sink: (UnsafeBufferPointer<UInt8>) -> Void
    ) throws(DataFailure) {
        let value = try readLarge(json, passed: passed)
        try stream(value, to: sink)
        try add(value, at: path)
    }

    private func stream(_ value: Value, to sink: (UnsafeBufferPointer<UInt8>) -> Void) throws(DataFailure) {
        do throws(Fault) {
            var buffer = ByteBuffer()
            try stream(value, &buffer, sink, depth: 0)
            buffer.withBytes(sink)
        } catch { throw DataFailure(reason: .limit, message: DecisionFailure.message(of: error.code)) }
    }

    /// Documents are cut into parts no deeper than this; what lies below is written as a whole.
    private static var streamedDepth: Int { 4 }
    private static var partSize: Int { 64 << 10 }

    private func stream(
        _ value: Value, _ buffer: inout ByteBuffer, _ sink: (UnsafeBufferPointer<UInt8>) -> Void, depth: Int
    ) throws(Fault) {
        let style = JSONStyle(escapesHTML: false)
        if value.isObject, depth < Self.streamedDepth {
            let entries = space.entries(value)
            for index in 0..<entries.count {
                buffer.append(index == 0 ? "{" : ",")
                try space.writeJSON(entries.keys[index], to: &buffer, style: style)
                buffer.append(":")
                try stream(entries.values[index], &buffer, sink, depth: depth + 1)
            }
            buffer.append(entries.count == 0 ? "{}" : "}")
        } else if value.isArray, depth < Self.streamedDepth {
            let elements = space.elements(value)
            for index in 0..<elements.count {
                buffer.append(index == 0 ? "[" : ",")
                try stream(elements[index], &buffer, sink, depth: depth + 1)
            }
            buffer.append(elements.count == 0 ? "[]" : "]")
        } else {
            try space.writeJSON(value, to: &buffer, style: style)
        }
        guard buffer.count >= Self.partSize else { return }
        buffer.withBytes(sink)
        buffer.removeAll(keepingAtMost: 1 << 20)
    }

    /// The canonical text of all data.
    public func canonicalJSON() throws(DataFailure) -> [UInt8] { try canonical(root) }

    /// The canonical text of a document that does not become part of any data.
    public static func canonicalJSON(of json: [UInt8]) throws(DataFailure) -> [UInt8] {
        let builder = DataBuilder()
        return try builder.canonical(builder.read(json))
    }

    private func canonical(_ value: Value) throws(DataFailure) -> [UInt8] {
        do throws(Fault) { return try space.json(value, style: JSONStyle(escapesHTML: false)) } catch {
            throw DataFailure(reason: .limit, message: DecisionFailure.message(of: error.code))
        }
    }

    /// The JSON text of what stands at a path; nil without anything there.
    public func json(at path: [[UInt8]]) throws(DataFailure) -> [UInt8]? {
        var value = root
        for key in path {
            guard let step = try? space.string(key) else { return nil }
            value = space.member(value, step)
            if value.isUndefined { return nil }
        }
        do throws(Fault) { return try space.json(value) } catch {
            throw DataFailure(reason: .limit, message: DecisionFailure.message(of: error.code))
        }
    }

    /// The first path, in the order of keys, that lies neither in one of the roots nor on the way to one.
    public func firstPath(outside roots: [[[UInt8]]]) -> [[UInt8]]? {
        guard !roots.contains(where: \.isEmpty) else { return nil }
        return space.outside(root, [], roots, depth: 0)
    }

    /// How a change of a delta bundle is made.
    public enum Change: Sendable {
        /// Puts the value (JSON text) there; objects on the way are made, an index of an array moves what follows.
        case upsert([UInt8])
        /// Puts the value (JSON text) in the place of what is there.
        case replace([UInt8])
        case remove
    }

    /// Changes one place of the data. Throws for a place that is not there, but for `upsert`.
    public mutating func apply(_ change: Change, at path: [[UInt8]]) throws(DataFailure) {
        var new = Value.undefined
        var isInsertion = false
        switch change {
        case .upsert(let json):
            new = try read(json)
            isInsertion = true
        case .replace(let json): new = try read(json)
        case .remove: break
        }
        guard !path.isEmpty || new.isObject else {
            throw DataFailure(reason: .notAnObject, message: "the root of the data must be an object")
        }
        do throws(Fault) {
            root = try changed(root, path[...], new, isInsertion: isInsertion)
            try space.check()
        } catch {
            guard error.code == .type else {
                throw DataFailure(reason: .limit, message: DecisionFailure.message(of: error.code))
            }
            let shown = path.map { "/" + String(decoding: $0, as: UTF8.self) }.joined()
            throw DataFailure(reason: .conflict, message: "\(shown): document does not exist")
        }
    }

    private func changed(
        _ value: Value, _ path: ArraySlice<[UInt8]>, _ new: Value, isInsertion: Bool
    ) throws(Fault) -> Value {
        guard let step = path.first else { return new }
        let rest = path.dropFirst()
        guard value.isArray else {
            guard value.isObject || value.isUndefined && isInsertion else { throw Fault(.type) }
            let object = value.isObject ? value : .emptyObject
            let key = try space.string(step)
            let old = space.member(object, key)
            guard old.isDefined || isInsertion else { throw Fault(.type) }
            return try space.setting(object, key, to: changed(old, rest, new, isInsertion: isInsertion))
        }
        let count = space.elements(value).count
        var index = count
        if step != [UInt8(ascii: "-")] {
            guard let number = Int(String(decoding: step, as: UTF8.self)), number >= 0 else { throw Fault(.type) }
            index = number
        }
        // Behind the last element is a place only for an insertion.
        guard index < count || index == count && isInsertion && rest.isEmpty else { throw Fault(.type) }
        let elements = space.elements(value)
        var list = ValueList()
        try list.reserve(count + 1, in: space)
        for position in 0...count {
            if position == index, rest.isEmpty, new.isDefined { try list.append(new, in: space) }
            guard position < count else { continue }
            if position == index {
                if rest.isEmpty {
                    if isInsertion { try list.append(elements[position], in: space) }
                } else {
                    try list.append(changed(elements[position], rest, new, isInsertion: isInsertion), in: space)
                }
            } else {
                try list.append(elements[position], in: space)
            }
        }
        return space.array(adopting: list)
    }
}

extension NamePattern {
    /// Whether a glob, in which `*` stands for any text and `/` is a letter like others, matches a whole name; nil for a
    /// pattern that is not valid.
    public static func glob(_ pattern: String, matches name: String) -> Bool? {
        let noDelimiters = UnsafeBufferPointer<UInt32>(start: nil, count: 0)
        let glob = Array(pattern.utf8).withUnsafeBufferPointer {
            try? Glob(pattern: $0, delimiters: noDelimiters)
        }
        guard let glob else { return nil }
        return Array(name.utf8).withUnsafeBufferPointer { glob.matches($0) }
    }
}

// What is left of data when only some documents are asked for.
extension DataBuilder {
    /// The data that lies at one of these paths or below, as JSON, and the paths of what else there was, in the order of
    /// keys, each with the bytes of its JSON.
    public func keeping(
        _ paths: [[[UInt8]]]
    ) throws(DataFailure) -> (json: [UInt8], dropped: [(path: [[UInt8]], bytes: Int)]) {
        var dropped: [(path: [[UInt8]], bytes: Int)] = []
        do throws(Fault) {
            let value = try keeping(root, [], paths, &dropped, depth: 0)
            return (try space.json(value.isDefined ? value : .emptyObject), dropped)
        } catch { throw DataFailure(reason: .limit, message: DecisionFailure.message(of: error.code)) }
    }

    private func keeping(
        _ value: Value, _ path: [[UInt8]], _ paths: [[[UInt8]]], _ dropped: inout [(path: [[UInt8]], bytes: Int)],
        depth: Int
    ) throws(Fault) -> Value {
        if paths.contains(where: { path.starts(with: $0) }) { return value }
        let below = paths.filter { $0.count > path.count && $0.starts(with: path) }
        guard path.isEmpty || !below.isEmpty, value.isObject, depth < Space.depthLimit else {
            // What is no object is read by whoever looks for something below it.
            if !below.isEmpty { return value }
            dropped.append((path, try space.json(value).count))
            return .undefined
        }
        let entries = space.entries(value)
        var list = ValueList()
        for index in 0..<entries.count {
            let key = space.bytes(entries.keys[index])
            let kept = try keeping(entries.values[index], path + [key], below, &dropped, depth: depth + 1)
            guard kept.isDefined else { continue }
            try list.append(entries.keys[index], in: space)
            try list.append(kept, in: space)
        }
        return try space.object(pairs: list)
    }
}

extension DataTransaction {
    /// The first path with something outside of all roots; nil where there is none.
    public func firstPath(outside roots: [[[UInt8]]]) -> [[UInt8]]? { space.outside(root, [], roots, depth: 0) }
}

extension Space {
    fileprivate func outside(_ value: Value, _ path: [[UInt8]], _ roots: [[[UInt8]]], depth: Int) -> [[UInt8]]? {
        if !path.isEmpty {
            if roots.contains(where: { path.starts(with: $0) }) { return nil }
            let leads = roots.contains { $0.count > path.count && $0.starts(with: path) }
            guard leads, value.isObject else { return path }
        }
        guard value.isObject, depth < Space.depthLimit else { return nil }
        let entries = entries(value)
        for index in 0..<entries.count {
            let step = bytes(entries.keys[index])
            if let found = outside(entries.values[index], path + [step], roots, depth: depth + 1) { return found }
        }
        return nil
    }
}
