import Writ

/// Reads `patch.json`: `{"data": [{"op": "upsert", "path": "/a/b", "value": 1}]}` with the operations `upsert`,
/// `replace` and `remove`.
///
/// Steps of a path are percent-decoded as in OPA, then `~1` stands for a slash and `~0` for a tilde. What cannot be a
/// change is refused before anything is changed; OPA finds it out while it changes.
struct DeltaReader {
    private let limits: BundleLimits

    init(_ limits: BundleLimits) { self.limits = limits }

    /// Nil where the file names no list of changes: then the bundle is none of changes.
    func changes(_ file: BundleMember) throws(BundleFailure) -> [LoadedBundle.Change]? {
        let space = Space.create(memoryLimit: 16 << 30)
        defer { space.destroy() }
        let root: Value
        do throws(JSONError) { root = try space.readJSON(file.content) } catch {
            throw failure(String(decoding: error.message, as: UTF8.self), file)
        }
        guard root.isObject else { throw failure("must be an object", file) }
        let list = member(root, "data", space)
        guard list.isArray else {
            guard list.isUndefined || list.isNull else { throw failure("data must be an array", file) }
            return nil
        }
        let elements = space.elements(list)
        guard elements.count <= limits.changeCount else {
            throw BundleFailure(
                "bundle load failed on patch decode: more than \(limits.changeCount) operations", code: .limit,
                member: file.shown)
        }
        var changes: [LoadedBundle.Change] = []
        changes.reserveCapacity(elements.count)
        for index in 0..<elements.count {
            changes.append(try change(elements[index], at: index, file, space))
        }
        return changes
    }

    private func change(
        _ entry: Value, at index: Int, _ file: BundleMember, _ space: Space
    ) throws(BundleFailure) -> LoadedBundle.Change {
        let place = "operation \(index)"
        guard entry.isObject else { throw failure("\(place): must be an object", file) }
        let path = member(entry, "path", space)
        guard path.isString else { throw failure("\(place): path must be a string", file) }
        let shown = String(decoding: space.bytes(path), as: UTF8.self)
        let steps = Self.steps(space.bytes(path))
        let operation = member(entry, "op", space)
        guard operation.isString else { throw failure("\(place) (\(shown)): op must be a string", file) }
        let name = String(decoding: space.bytes(operation), as: UTF8.self)
        let value = member(entry, "value", space)
        if name == "remove" {
            guard !steps.isEmpty else { throw failure("\(place): the root of the data cannot be removed", file) }
            return LoadedBundle.Change(change: .remove, path: steps)
        }
        guard name == "upsert" || name == "replace" else {
            throw failure("\(place) (\(shown)): bad patch operation: \(name)", file)
        }
        guard !steps.isEmpty || value.isObject else {
            throw failure("\(place): the root of the data must be an object", file)
        }
        let json: [UInt8]
        // Without a value OPA puts null there.
        do throws(Fault) { json = try value.isDefined ? space.json(value) : Array("null".utf8) } catch {
            throw failure("\(place) (\(shown)): the value is too large", file)
        }
        return LoadedBundle.Change(change: name == "upsert" ? .upsert(json) : .replace(json), path: steps)
    }

    private func failure(_ reason: String, _ file: BundleMember) -> BundleFailure {
        BundleFailure("bundle load failed on patch decode: \(reason)", code: .patch, member: file.shown)
    }

    private func member(_ object: Value, _ name: StaticString, _ space: Space) -> Value {
        guard let key = try? space.string(name) else { return .undefined }
        return space.member(object, key)
    }

    /// The steps of a path; slashes at its ends count for nothing.
    static func steps(_ path: [UInt8]) -> [[UInt8]] {
        var path = path[...]
        while path.first == UInt8(ascii: "/") { path = path.dropFirst() }
        while path.last == UInt8(ascii: "/") { path = path.dropLast() }
        guard !path.isEmpty else { return [] }
        return path.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).map { part in
            var step: [UInt8] = []
            var rest = percentDecoded(part)[...]
            while let byte = rest.popFirst() {
                if byte == UInt8(ascii: "~"), rest.first == UInt8(ascii: "1") {
                    step.append(UInt8(ascii: "/"))
                    rest.removeFirst()
                } else if byte == UInt8(ascii: "~"), rest.first == UInt8(ascii: "0") {
                    step.append(UInt8(ascii: "~"))
                    rest.removeFirst()
                } else {
                    step.append(byte)
                }
            }
            return step
        }
    }

    /// `%41` is `A`; a text with a broken escape, or that would not be text, stays as it is.
    private static func percentDecoded(_ text: ArraySlice<UInt8>) -> [UInt8] {
        guard text.contains(UInt8(ascii: "%")) else { return Array(text) }
        var result: [UInt8] = []
        var rest = text
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                result.append(byte)
                continue
            }
            guard let high = rest.popFirst().flatMap(digit), let low = rest.popFirst().flatMap(digit) else {
                return Array(text)
            }
            result.append(high << 4 | low)
        }
        return String(validating: result, as: UTF8.self) == nil ? Array(text) : result
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}

extension LoadedBundle {
    /// Makes its changes in the data, in their order. Where one does not fit, the data is left half changed: apply them
    /// to data that is thrown away then.
    public func applyChanges(to data: inout DataBuilder) throws(BundleFailure) {
        for (index, change) in (changes ?? []).enumerated() {
            do throws(DataFailure) { try data.apply(change.change, at: change.path) } catch {
                throw BundleFailure(
                    "patch.json: operation \(index): \(error.message)",
                    code: error.reason == .limit ? .limit : .patch, member: "patch.json")
            }
        }
    }
}
