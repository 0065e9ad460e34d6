import Writ

/// One operation of a PATCH: `{"op": "add", "path": "/a/b", "value": 1}`.
struct PatchOperation {
    let operation: DataTransaction.Operation
    /// The steps below the document that is patched.
    let path: [[UInt8]]
    let value: Value

    /// The operations of a body; their values lie in the space.
    static func list(_ body: [UInt8], _ space: Space) throws(WriteFailure) -> [PatchOperation] {
        let list: Value
        do throws(JSONError) { list = try space.readFirstJSON(body) } catch { throw WriteFailure(error) }
        if list.isNull { return [] }
        guard list.isArray else { throw misplaced(list, "value of type []types.PatchV1") }
        let elements = space.elements(list)
        var result: [PatchOperation] = []
        for index in 0..<elements.count { result.append(try read(elements[index], space)) }
        return result
    }

    private static func read(_ item: Value, _ space: Space) throws(WriteFailure) -> PatchOperation {
        guard item.isObject else { throw misplaced(item, "value of type types.PatchV1") }
        let name = try text(item, "op", space)
        let path = try text(item, "path", space)
        let operation: DataTransaction.Operation
        switch name {
        case Array("add".utf8): operation = .add
        case Array("remove".utf8): operation = .remove
        case Array("replace".utf8): operation = .replace
        default: throw WriteFailure("bad patch operation: \(String(decoding: name, as: UTF8.self))")
        }
        var steps: [[UInt8]] = []
        for step in path.split(separator: UInt8(ascii: "/")) {
            guard let plain = RequestTarget.unescape(step) else {
                throw WriteFailure("bad patch path: \(String(decoding: path, as: UTF8.self))")
            }
            steps.append(unmarked(plain))
        }
        var value = space.member(item, .short("value"))
        if value.isUndefined { value = .null }
        return PatchOperation(operation: operation, path: steps, value: value)
    }

    /// `~1` stands for a slash and `~0` for a tilde.
    private static func unmarked(_ step: [UInt8]) -> [UInt8] {
        guard step.contains(UInt8(ascii: "~")) else { return step }
        var result: [UInt8] = []
        var index = 0
        while index < step.count {
            let next = index + 1 < step.count ? step[index + 1] : 0
            if step[index] == UInt8(ascii: "~"), next == UInt8(ascii: "0") || next == UInt8(ascii: "1") {
                result.append(next == UInt8(ascii: "0") ? UInt8(ascii: "~") : UInt8(ascii: "/"))
                index += 2
            } else {
                result.append(step[index])
                index += 1
            }
        }
        return result
    }

    private static func text(_ item: Value, _ name: StaticString, _ space: Space) throws(WriteFailure) -> [UInt8] {
        let value = space.member(item, .short(name))
        if value.isUndefined || value.isNull { return [] }
        guard value.isString else { throw misplaced(value, "struct field PatchV1.\(name) of type string") }
        return space.bytes(value)
    }

    private static func misplaced(_ value: Value, _ place: String) -> WriteFailure {
        WriteFailure("json: cannot unmarshal \(value.goKind) into Go \(place)")
    }
}

extension Value {
    /// What Go's decoder calls the kind of a JSON value.
    var goKind: String {
        isArray ? "array" : isString ? "string" : isBoolean ? "bool" : isObject ? "object" : "number"
    }
}

extension Space {
    /// The first JSON value of a text, as OPA's decoder takes it: what follows it is not looked at.
    func readFirstJSON(_ text: UnsafeBufferPointer<UInt8>) throws(JSONError) -> Value {
        var options = JSONOptions()
        options.takesFirst = true
        return try readJSON(text, options: options)
    }

    func readFirstJSON(_ text: [UInt8]) throws(JSONError) -> Value {
        let result: Result<Value, JSONError> = text.withUnsafeBufferPointer { bytes in
            do throws(JSONError) { return .success(try readFirstJSON(bytes)) } catch { return .failure(error) }
        }
        return try result.get()
    }
}
