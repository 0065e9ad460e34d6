import Writ

/// Rules of what is left out of an event or replaced in it, as `data.system.log.mask` gives them: a path is removed;
/// an object says `op` (`remove` or `upsert`), `path` and `value`.
struct MaskRules {
    /// Why the document is no list of rules.
    struct Failure: Error {
        let message: String
    }

    struct Rule {
        var isUpsert = false
        /// The part of the event and the steps into it, as they are written.
        var steps: [[UInt8]] = []
        var value = Value.undefined
    }

    private(set) var rules: [Rule] = []

    init(_ document: Value, _ space: Space) throws(Failure) {
        guard document.isArray || document.isSet else {
            throw Failure(message: "unexpected rule format \(Self.shown(document, space))")
        }
        let elements = space.elements(document)
        for index in 0..<elements.count {
            let element = elements[index]
            if element.isString {
                rules.append(try Self.rule(element, space))
            } else if element.isObject {
                var rule = try Self.rule(space.member(element, .short("path")), space)
                let operation = space.member(element, .short("op"))
                if space.string(operation, equals: "upsert") {
                    rule.isUpsert = true
                } else if !space.string(operation, equals: "remove") {
                    throw Failure(message: "mask op is not supported: \(Self.shown(operation, space))")
                }
                let value = space.member(element, .short("value"))
                rule.value = value.isDefined ? value : .null
                rules.append(rule)
            } else {
                throw Failure(message: "invalid mask rule format encountered: \(Self.shown(element, space))")
            }
        }
    }

    private static func shown(_ value: Value, _ space: Space) -> String {
        guard value.isDefined, let text = try? space.json(value) else { return "undefined" }
        return String(decoding: text.prefix(100), as: UTF8.self)
    }

    private static func rule(_ path: Value, _ space: Space) throws(Failure) -> Rule {
        guard path.isString else { throw Failure(message: "invalid \"path\" value: \(shown(path, space))") }
        let bytes = space.bytes(path)
        guard !bytes.isEmpty else { throw Failure(message: "mask must be non-empty") }
        guard bytes[0] == UInt8(ascii: "/") else { throw Failure(message: "mask must be slash-prefixed") }
        var rule = Rule()
        rule.steps = bytes.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
            .map { Array($0) }
        let part = String(decoding: rule.steps[0], as: UTF8.self)
        guard ["input", "result", "nd_builtin_cache"].contains(part) else {
            throw Failure(message: "mask prefix not allowed: \(part)")
        }
        for step in rule.steps where PathEscape.removed(from: step) == nil {
            throw Failure(message: "invalid URL escape in \"\(String(decoding: step, as: UTF8.self))\"")
        }
        return rule
    }

    // MARK: Applying

    /// Applies the rules in their order to the parts of an event.
    func apply(
        to facts: inout DecisionFacts, results: inout Value, _ space: Space
    ) throws(Fault) -> EventWriter.Masked {
        var masked = EventWriter.Masked()
        for rule in rules {
            let part: WritableKeyPath<Parts, Value>
            switch rule.steps[0].first {
            case UInt8(ascii: "i"): part = \.input
            case UInt8(ascii: "r"): part = \.result
            default: part = \.results
            }
            var parts = Parts(input: facts.input, result: facts.result, results: results)
            guard parts[keyPath: part].isDefined else { continue }
            let steps = rule.steps.dropFirst()
            let changed: Value?
            if steps.isEmpty {
                changed = rule.isUpsert ? rule.value : .undefined
            } else if rule.isUpsert {
                // Into an array as a whole nothing is put, as in OPA.
                changed =
                    parts[keyPath: part].isObject
                    ? try Self.putting(rule.value, into: parts[keyPath: part], steps, space) : nil
            } else {
                changed = try Self.removing(from: parts[keyPath: part], steps, isInside: false, space)
            }
            guard let changed else { continue }
            parts[keyPath: part] = changed
            (facts.input, facts.result, results) = (parts.input, parts.result, parts.results)
            let path = rule.steps.map { "/" + PathEscape.escaped($0) }.joined()
            if rule.isUpsert { masked.masked.append(path) } else { masked.erased.append(path) }
        }
        return masked
    }

    private struct Parts {
        var input: Value
        var result: Value
        var results: Value
    }

    /// The member that a step means: by its text, or by what that is an escape of.
    private static func key(_ step: [UInt8], of object: Value, _ space: Space) throws(Fault) -> Value? {
        let key = try space.string(step)
        if space.member(object, key).isDefined { return key }
        guard let plain = PathEscape.removed(from: step), plain != step else { return nil }
        let other = try space.string(plain)
        return space.member(object, other).isDefined ? other : nil
    }

    private static func index(_ step: [UInt8]) -> Int? {
        guard !step.isEmpty, step.count < 10 else { return nil }
        var result = 0
        for byte in step {
            guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
            result = result * 10 + Int(byte - UInt8(ascii: "0"))
        }
        return result
    }

    /// The value without what stands at the steps; nil where nothing does.
    ///
    /// `isInside` is false for the part itself: from an array that is the whole part, nothing is removed, as in OPA.
    private static func removing(
        from value: Value, _ steps: ArraySlice<[UInt8]>, isInside: Bool, _ space: Space
    ) throws(Fault) -> Value? {
        guard let step = steps.first else { return nil }
        let rest = steps.dropFirst()
        if value.isObject {
            guard let key = try key(step, of: value, space) else { return nil }
            if rest.isEmpty { return try space.setting(value, key, to: .undefined) }
            guard let inner = try removing(from: space.member(value, key), rest, isInside: true, space) else {
                return nil
            }
            return try space.setting(value, key, to: inner)
        }
        guard value.isArray, let index = index(step), index < value.count, isInside || !rest.isEmpty else { return nil }
        guard !rest.isEmpty else { return try replaced(value, index, by: nil, space) }
        guard let inner = try removing(from: space.element(value, index), rest, isInside: true, space) else {
            return nil
        }
        return try replaced(value, index, by: inner, space)
    }

    /// The value with another at the steps, with objects made on the way; nil where that cannot be.
    private static func putting(
        _ new: Value, into value: Value, _ steps: ArraySlice<[UInt8]>, _ space: Space
    ) throws(Fault) -> Value? {
        guard let step = steps.first else { return new }
        let rest = steps.dropFirst()
        if value.isObject {
            let known = try key(step, of: value, space)
            let key = if let known { known } else { try space.string(step) }
            let old = space.member(value, key)
            guard let inner = try putting(new, into: old.isDefined ? old : .emptyObject, rest, space) else {
                return nil
            }
            return try space.setting(value, key, to: inner)
        }
        guard value.isArray, let index = index(step), index < value.count,
            let inner = try putting(new, into: space.element(value, index), rest, space)
        else { return nil }
        return try replaced(value, index, by: inner, space)
    }

    private static func replaced(_ array: Value, _ index: Int, by new: Value?, _ space: Space) throws(Fault) -> Value {
        let elements = space.elements(array)
        var list = ValueList()
        for position in 0..<elements.count {
            if position != index {
                try list.append(elements[position], in: space)
            } else if let new {
                try list.append(new, in: space)
            }
        }
        return try space.array(list)
    }
}

/// Percent escapes of a segment of a path, as Go's `net/url` has them.
enum PathEscape {
    /// The bytes with their escapes replaced; nil for an escape that is none.
    static func removed(from bytes: [UInt8]) -> [UInt8]? {
        var result: [UInt8] = []
        var index = 0
        while index < bytes.count {
            guard bytes[index] == UInt8(ascii: "%") else {
                result.append(bytes[index])
                index += 1
                continue
            }
            guard index + 2 < bytes.count, let high = digit(bytes[index + 1]), let low = digit(bytes[index + 2]) else {
                return nil
            }
            result.append(high << 4 | low)
            index += 3
        }
        return result
    }

    static func escaped(_ bytes: [UInt8]) -> String {
        var result = ""
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."),
                UInt8(ascii: "~"), UInt8(ascii: "$"), UInt8(ascii: "&"), UInt8(ascii: "+"), UInt8(ascii: "="),
                UInt8(ascii: ":"), UInt8(ascii: "@"):
                result.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                result += "%" + (digits.count == 1 ? "0" : "") + digits
            }
        }
        return result
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
