import WritValue

/// `json.patch`: a document under edit, as a tree whose nodes are opened as far as the operations reach, so that
/// many small changes to one large array or object do not copy it each time.
struct PatchedDocument {
    private struct Node {
        /// The whole value while the node is closed; its type when it is open.
        var value: Value
        /// Of an open object: its keys in Rego's order.
        var keys: [Value] = []
        /// Of an open object or array: the nodes of its values.
        var children: [Int] = []
        var isOpen = false
        /// Of an open object: what was removed from it; looked at only where a key is not found.
        var removed: [(key: Value, isComposite: Bool)] = []
        /// Of an open array: which of its elements were put in or looked into.
        var isTouched: [Bool] = []
    }

    private let context: BuiltinContext
    private var nodes: [Node] = []
    /// The root's number, nil once it was removed.
    private var root: Int?
    private var space: Space { context.space }

    static func apply(_ context: BuiltinContext, _ arguments: Arguments) throws(Fault) -> Value {
        let operations = context.space.elements(try arguments.array(1, context))
        var document = PatchedDocument(arguments[0], context)
        for index in 0..<operations.count {
            guard operations[index].isObject else {
                throw context.error("must be an array of JSON-Patch objects, but at least one element is not an object")
            }
            try document.apply(operations[index])
        }
        guard let root = document.root else { return .undefined }
        return try document.value(of: root, depth: 0)
    }

    private init(_ value: Value, _ context: BuiltinContext) {
        self.context = context
        nodes.append(Node(value: value))
        root = 0
    }

    // MARK: Operations

    private mutating func apply(_ operation: Value) throws(Fault) {
        let written = try attribute("path", of: operation)
        let name = try attribute("op", of: operation)
        guard name.isString else {
            throw context.message(.builtin) { (buffer) throws(Fault) in
                try buffer.append("attribute 'op' must be a string but found: ")
                try buffer.append(BuiltinContext.typeName(name))
            }
        }
        let path = try JSONPath.segments(written, context)
        try context.spend(1 &+ path.count)
        if space.string(name, equals: "add") {
            try insert(attribute("value", of: operation), at: path)
        } else if space.string(name, equals: "remove") {
            try remove(path)
        } else if space.string(name, equals: "replace") {
            try remove(path)
            try insert(attribute("value", of: operation), at: path)
        } else if space.string(name, equals: "move") {
            let source = try JSONPath.segments(try attribute("from", of: operation), context)
            let value = try find(source)
            try remove(source)
            try insert(value, at: path)
        } else if space.string(name, equals: "copy") {
            let source = try JSONPath.segments(try attribute("from", of: operation), context)
            let value = try find(source)
            guard value.isDefined else { throw context.error("cannot insert nil value into EditTree") }
            try insert(value, at: path)
        } else if space.string(name, equals: "test") {
            let found = try find(path)
            let expected = try attribute("value", of: operation)
            guard found.isDefined, space.equal(found, expected) else { throw mismatch(expected, found) }
        } else {
            throw context.message(.builtin) { [space] (buffer) throws(Fault) in
                try buffer.append("unrecognized op: '")
                try space.withBytes(name, throwing: { (bytes) throws(Fault) in try buffer.append(bytes) })
                try buffer.append("'")
            }
        }
    }

    private func attribute(_ name: StaticString, of operation: Value) throws(Fault) -> Value {
        let value = space.member(operation, try space.string(name))
        if value.isDefined { return value }
        throw context.message(.builtin) { (buffer) throws(Fault) in
            try buffer.append("missing required attribute '")
            try buffer.append(name)
            try buffer.append("'")
        }
    }

    /// The value at a path; undefined for the root when it is gone.
    private mutating func find(_ path: [Value]) throws(Fault) -> Value {
        guard let (node, rest) = try descend(path[...]) else { return .undefined }
        // What is left of the path leads through a set, whose members stay closed.
        var value = try value(of: node, depth: 0)
        for segment in rest { value = try element(segment, of: value) }
        return value
    }

    private mutating func insert(_ value: Value, at path: [Value]) throws(Fault) {
        guard let last = path.last else {
            root = add(value)
            return
        }
        guard let (node, rest) = try descend(path.dropLast()) else {
            throw context.error("deleted node encountered during insert operation")
        }
        if !rest.isEmpty || nodes[node].value.isSet {
            nodes[node].value = try inserted(value, last, rest, into: nodes[node].value)
            return
        }
        try open(node)
        switch nodes[node].value.kind {
        case .object:
            let fresh = add(value)
            let position = position(of: last, in: node)
            if position < nodes[node].keys.count, space.equal(nodes[node].keys[position], last) {
                nodes[node].keys[position] = last
                nodes[node].children[position] = fresh
            } else {
                nodes[node].keys.insert(last, at: position)
                nodes[node].children.insert(fresh, at: position)
            }
        case .array:
            let count = nodes[node].children.count
            let index = try position(last, count: count)
            guard index >= 0, index <= count else {
                throw context.error("index for array insertion out of bounds")
            }
            try context.spend((count &- index) &>> 4)
            let fresh = add(value)
            nodes[node].children.insert(fresh, at: index)
            nodes[node].isTouched.insert(true, at: index)
        default: throw notComposite(nodes[node].value)
        }
    }

    private mutating func remove(_ path: [Value]) throws(Fault) {
        guard let last = path.last else {
            guard root != nil else { throw context.error("deleted node encountered during delete operation") }
            root = nil
            return
        }
        guard let (node, rest) = try descend(path.dropLast()) else {
            throw context.error("deleted node encountered during delete operation")
        }
        if !rest.isEmpty || nodes[node].value.isSet {
            nodes[node].value = try removed(last, rest, from: nodes[node].value)
            return
        }
        try open(node)
        switch nodes[node].value.kind {
        case .object:
            let position = position(of: last, in: node)
            guard position < nodes[node].keys.count, space.equal(nodes[node].keys[position], last) else {
                throw removedBefore(last, node, "cannot delete the already deleted ") ?? noChild(last)
            }
            let value = nodes[nodes[node].children[position]].value
            nodes[node].removed.append((last, value.isCollection))
            nodes[node].keys.remove(at: position)
            nodes[node].children.remove(at: position)
        case .array:
            let count = nodes[node].children.count
            let index = try position(last, count: count)
            guard index >= 0, index < count else { throw context.error("index for array delete out of bounds") }
            try context.spend((count &- index) &>> 4)
            nodes[node].children.remove(at: index)
            nodes[node].isTouched.remove(at: index)
        default: throw notComposite(nodes[node].value)
        }
    }

    // MARK: The tree

    private mutating func add(_ value: Value) -> Int {
        nodes.append(Node(value: value))
        return nodes.count - 1
    }

    /// The node at a path, or the set on the way to it with the rest of the path. Nil when the root is gone.
    private mutating func descend(_ path: ArraySlice<Value>) throws(Fault) -> (node: Int, rest: ArraySlice<Value>)? {
        guard var node = root else {
            if path.isEmpty { return nil }
            throw context.error("nil value encountered where composite value was expected")
        }
        var rest = path
        while let segment = rest.first {
            if nodes[node].value.isSet { break }
            try open(node)
            switch nodes[node].value.kind {
            case .object:
                let position = position(of: segment, in: node)
                guard position < nodes[node].keys.count, space.equal(nodes[node].keys[position], segment) else {
                    throw removedBefore(segment, node, "cannot unfold the already deleted ")
                        ?? noPath(segment, in: nodes[node].value)
                }
                nodes[node].keys[position] = segment
                node = nodes[node].children[position]
            case .array:
                let index = try position(segment, count: nodes[node].children.count)
                node = try element(index, of: node)
            default: throw notComposite(nodes[node].value, for: segment)
            }
            rest = rest.dropFirst()
        }
        return (node, rest)
    }

    /// The node of an array's element.
    ///
    /// Where nothing was put in or looked into at the position before, OPA takes the element of the array as it was at
    /// first, whatever was inserted or removed before it since: `/1/0` after an `add` at `/0` changes a copy of what
    /// stands behind the element that is meant, and puts it in that one's place. So does this.
    private mutating func element(_ index: Int, of node: Int) throws(Fault) -> Int {
        let count = nodes[node].children.count
        if index >= 0, index < count, nodes[node].isTouched[index] { return nodes[node].children[index] }
        let original = space.element(nodes[node].value, index)
        guard index >= 0, original.isDefined else { throw noPath(.integer(index), in: nodes[node].value) }
        guard index < count else { throw context.error("index for array delete out of bounds") }
        let fresh = add(original)
        nodes[node].children[index] = fresh
        nodes[node].isTouched[index] = true
        return fresh
    }

    private mutating func open(_ node: Int) throws(Fault) {
        let value = nodes[node].value
        guard !nodes[node].isOpen, value.isArray || value.isObject else { return }
        let entries = space.entries(value)
        let elements = value.isArray ? space.elements(value) : entries.values
        try context.spend(elements.count)
        var children: [Int] = []
        var keys: [Value] = []
        children.reserveCapacity(elements.count + 1)
        for index in 0..<elements.count {
            children.append(add(elements[index]))
            if value.isObject { keys.append(entries.keys[index]) }
        }
        nodes[node].children = children
        nodes[node].keys = keys
        nodes[node].isTouched = value.isArray ? Array(repeating: false, count: children.count) : []
        nodes[node].isOpen = true
    }

    private func position(of key: Value, in node: Int) -> Int {
        var low = 0
        var high = nodes[node].keys.count
        while low < high {
            let middle = (low &+ high) &>> 1
            if space.compare(nodes[node].keys[middle], key) < 0 { low = middle &+ 1 } else { high = middle }
        }
        return low
    }

    /// The value that a node has come to.
    private func value(of node: Int, depth: Int) throws(Fault) -> Value {
        guard nodes[node].isOpen else { return nodes[node].value }
        guard depth < Space.depthLimit else { throw Fault(.depthLimit) }
        try context.spend(nodes[node].children.count)
        let isObject = nodes[node].value.isObject
        var list = ValueList()
        try list.reserve(nodes[node].children.count &* (isObject ? 2 : 1), in: space)
        for index in 0..<nodes[node].children.count {
            if isObject { try list.append(nodes[node].keys[index], in: space) }
            try list.append(try value(of: nodes[node].children[index], depth: depth + 1), in: space)
        }
        return isObject ? try space.object(pairs: list) : space.array(adopting: list)
    }

    // MARK: Inside sets

    /// `set` with the member at the front of `rest` changed, or with `value` put in when `rest` is empty.
    private func inserted(
        _ value: Value, _ last: Value, _ rest: ArraySlice<Value>, into set: Value
    ) throws(Fault) -> Value {
        if let segment = rest.first {
            let member = try element(segment, of: set)
            var inner = PatchedDocument(member, context)
            try inner.insert(value, at: Array(rest.dropFirst()) + [last])
            return try replaced(member, by: inner, in: set)
        }
        guard space.equal(last, value) else {
            let texts = (try space.rego(last), try space.rego(value))
            throw context.message(.builtin) { (buffer) throws(Fault) in
                try buffer.append("set key ")
                try texts.0.withUnsafeBufferPointer { (bytes) throws(Fault) in try buffer.append(bytes) }
                try buffer.append(" does not equal value to be inserted ")
                try texts.1.withUnsafeBufferPointer { (bytes) throws(Fault) in try buffer.append(bytes) }
            }
        }
        var list = ValueList()
        try list.append(value, in: space)
        let fresh = try space.set(list)
        return try Sets.union(set, fresh, context)
    }

    private func removed(_ last: Value, _ rest: ArraySlice<Value>, from set: Value) throws(Fault) -> Value {
        if let segment = rest.first {
            let member = try element(segment, of: set)
            var inner = PatchedDocument(member, context)
            try inner.remove(Array(rest.dropFirst()) + [last])
            return try replaced(member, by: inner, in: set)
        }
        guard space.contains(set, last) else { throw noChild(last) }
        return try without(last, set)
    }

    private func replaced(_ member: Value, by document: PatchedDocument, in set: Value) throws(Fault) -> Value {
        guard let root = document.root else { return try without(member, set) }
        var list = ValueList()
        try list.append(try document.value(of: root, depth: 0), in: space)
        let fresh = try space.set(list)
        return try Sets.union(without(member, set), fresh, context)
    }

    private func without(_ member: Value, _ set: Value) throws(Fault) -> Value {
        var list = ValueList()
        try list.append(member, in: space)
        let gone = try space.set(list)
        return try Sets.difference(set, gone, context)
    }

    /// The value under a segment of a closed value.
    private func element(_ segment: Value, of value: Value) throws(Fault) -> Value {
        var found = Value.undefined
        var key = segment
        switch value.kind {
        case .object: found = space.member(value, segment)
        case .set:
            // Spelled as in the path: of equal numbers OPA goes on with that one.
            if space.contains(value, segment) { found = segment }
        case .array:
            let index = try position(segment, count: value.count)
            found = space.element(value, index)
            key = .integer(index)
        default: throw notComposite(value, for: segment)
        }
        if found.isUndefined { throw noPath(key, in: value) }
        return found
    }

    /// The position in an array of `count` elements that a segment names; `count` for "-".
    private func position(_ segment: Value, count: Int) throws(Fault) -> Int {
        if segment.isNumber {
            guard let position = context.integerBySpelling(segment) else {
                throw context.error("invalid number type for indexing")
            }
            return Int(clamping: position)
        }
        guard segment.isString else { throw context.error("invalid type for indexing") }
        if space.string(segment, equals: "-") { return count }
        let text = space.bytes(segment)
        guard let position = Self.integer(Self.whole(text)) else { throw context.error("invalid string for indexing") }
        if text.count > 1, text[0] == UInt8(ascii: "0") {
            throw context.error("leading zeros are not allowed in JSON paths")
        }
        return position
    }

    /// A number's text without a fraction of zeros alone, which makes no other number of it.
    private static func whole(_ text: [UInt8]) -> [UInt8] {
        guard let point = text.firstIndex(of: UInt8(ascii: ".")),
            text[(point + 1)...].allSatisfy({ $0 == UInt8(ascii: "0") })
        else { return text }
        return Array(text[..<point])
    }

    /// An integer as Go's `Atoi` reads it: a sign, then digits.
    private static func integer(_ text: [UInt8]) -> Int? {
        let isNegative = text.first == UInt8(ascii: "-")
        let start = isNegative || text.first == UInt8(ascii: "+") ? 1 : 0
        guard text.count > start, text.count < 4096 else { return nil }
        var result: Int64 = 0
        for byte in text[start...] {
            guard byte &- UInt8(ascii: "0") < 10 else { return nil }
            let (scaled, over) = result.multipliedReportingOverflow(by: 10)
            let (sum, overAgain) = scaled.addingReportingOverflow(Int64(byte &- UInt8(ascii: "0")))
            if over || overAgain { return nil }
            result = sum
        }
        return Int(clamping: isNegative ? 0 &- result : result)
    }
}

// MARK: Errors

extension PatchedDocument {
    private func noChild(_ key: Value) -> Fault {
        error("cannot delete child key ", key, " that does not exist")
    }

    /// The error for a key that an operation before this one has removed.
    private func removedBefore(_ key: Value, _ node: Int, _ start: StaticString) -> Fault? {
        guard let found = nodes[node].removed.last(where: { space.equal($0.key, key) }) else { return nil }
        let kind: StaticString = found.isComposite ? "composite" : "scalar"
        do throws(Fault) {
            let text = try space.rego(key)
            return context.message(.builtin) { (buffer) throws(Fault) in
                try buffer.append(start)
                try buffer.append(kind)
                try buffer.append(" node for key ")
                try text.withUnsafeBufferPointer { (bytes) throws(Fault) in try buffer.append(bytes) }
            }
        } catch { return error }
    }

    private func noPath(_ segment: Value, in value: Value) -> Fault {
        let type: StaticString =
            switch value.kind {
            case .object: " does not exist in object term "
            case .set: " does not exist in set term "
            default: " does not exist in array term "
            }
        return error("path ", segment, type, value, quoting: !value.isSet)
    }

    /// The error for a scalar where the path goes on; `segment` is what was looked for in it.
    private func notComposite(_ value: Value, for segment: Value = .undefined) -> Fault {
        let type: StaticString =
            switch value.kind {
            case .null: " (type: ast.Null)"
            case .boolean: " (type: ast.Boolean)"
            case .number: " (type: ast.Number)"
            default: " (type: ast.String)"
            }
        if segment.isUndefined { return error("expected composite type, found value: ", value, type) }
        return error("expected composite type for path ", segment, ", found value: ", value, type)
    }

    private func mismatch(_ expected: Value, _ found: Value) -> Fault {
        found.isDefined
            ? error("value from EditTree != patch value.\n\nExpected: ", expected, "\n\nFound: ", found)
            : error("value from EditTree != patch value.\n\nExpected: ", expected, "\n\nFound: <nil>")
    }

    private func error(
        _ one: StaticString, _ first: Value, _ two: StaticString, _ second: Value = .undefined,
        _ three: StaticString = "", quoting: Bool = true
    ) -> Fault {
        let texts: ([UInt8], [UInt8])
        do throws(Fault) {
            let isRaw = first.isString && !quoting
            texts.0 = isRaw ? context.space.bytes(first) : try context.space.rego(first)
            texts.1 = second.isDefined ? try context.space.rego(second) : []
        } catch {
            return error
        }
        return context.message(.builtin) { (buffer) throws(Fault) in
            try buffer.append(one)
            try texts.0.withUnsafeBufferPointer { (bytes) throws(Fault) in try buffer.append(bytes) }
            try buffer.append(two)
            try texts.1.withUnsafeBufferPointer { (bytes) throws(Fault) in try buffer.append(bytes) }
            try buffer.append(three)
        }
    }
}
