import Writ

/// Why a configuration cannot be used.
public struct SettingsFailure: Error, Sendable {
    public let message: String
    /// A key that is meant perhaps, for one that there is not.
    public var suggestion: (word: String, known: [String])?

    public init(_ message: String) { self.message = message }
}

/// An object of a configuration, by whose members its settings are read. Its values live as long as its space.
public struct SettingsObject {
    public let space: Space
    /// An object, or undefined where the configuration has none here.
    public let value: Value
    /// Where it stands in the configuration, with a dot at its end; empty for the root.
    public let path: String

    /// An object of known keys. Throws for anything else, and for a key that is none of them.
    public init(_ value: Value, in space: Space, at path: String, known: [String]) throws(SettingsFailure) {
        self.space = space
        self.path = path.isEmpty ? "" : path + "."
        guard value.isDefined, !value.isNull else {
            self.value = .undefined
            return
        }
        guard value.isObject else { throw SettingsFailure("\(path) must be an object") }
        self.value = value
        for (name, _) in members where !known.contains(where: { $0.utf8.elementsEqual(name.utf8) }) {
            var failure = SettingsFailure("unknown key in the configuration: \(self.path)\(name)")
            failure.suggestion = (name, known)
            throw failure
        }
    }

    /// An object whose keys are names that the configuration chooses.
    public init(named value: Value, in space: Space, at path: String) throws(SettingsFailure) {
        self.space = space
        self.path = path.isEmpty ? "" : path + "."
        guard value.isDefined, !value.isNull else {
            self.value = .undefined
            return
        }
        guard value.isObject else { throw SettingsFailure("\(path) must be an object") }
        self.value = value
    }

    /// Whether the configuration has the object.
    public var isPresent: Bool { value.isDefined }

    /// All members, in the order of their names.
    public var members: [(name: String, value: Value)] {
        guard value.isObject else { return [] }
        let entries = space.entries(value)
        return (0..<entries.count).map {
            (String(decoding: space.bytes(entries.keys[$0]), as: UTF8.self), entries.values[$0])
        }
    }

    /// A member; undefined for none, and for null.
    public func member(_ name: String) -> Value {
        guard value.isObject, let key = try? space.string(Array(name.utf8)) else { return .undefined }
        let found = space.member(value, key)
        return found.isNull ? .undefined : found
    }

    public func has(_ name: String) -> Bool { member(name).isDefined }

    /// A member that is an object of known keys; empty where it is not there.
    public func object(_ name: String, _ known: [String]) throws(SettingsFailure) -> SettingsObject {
        try SettingsObject(member(name), in: space, at: path + name, known: known)
    }

    /// A member that is an object of names; empty where it is not there.
    public func named(_ name: String) throws(SettingsFailure) -> SettingsObject {
        try SettingsObject(named: member(name), in: space, at: path + name)
    }

    public func text(_ name: String) throws(SettingsFailure) -> String? {
        let value = member(name)
        if value.isUndefined { return nil }
        guard value.isString else { throw SettingsFailure("\(path)\(name) must be a string") }
        return String(decoding: space.bytes(value), as: UTF8.self)
    }

    public func flag(_ name: String) throws(SettingsFailure) -> Bool? {
        let value = member(name)
        if value.isUndefined { return nil }
        guard value.isBoolean else { throw SettingsFailure("\(path)\(name) must be true or false") }
        return value.isTrue
    }

    /// A whole number of a range.
    public func number(_ name: String, _ range: ClosedRange<Int>) throws(SettingsFailure) -> Int? {
        let value = member(name)
        if value.isUndefined { return nil }
        guard value.isNumber, let number = space.int64(value), range.contains(Int(number)) else {
            let shown = String(decoding: (try? space.json(value)) ?? [], as: UTF8.self)
            throw SettingsFailure("invalid \(name) \(shown)")
        }
        return Int(number)
    }

    /// A number, with a fraction perhaps.
    public func decimal(_ name: String) throws(SettingsFailure) -> Double? {
        let value = member(name)
        if value.isUndefined { return nil }
        let text = String(decoding: (try? space.json(value)) ?? [], as: UTF8.self)
        guard value.isNumber, let number = Double(text), number.isFinite else {
            throw SettingsFailure("invalid \(name) \(text)")
        }
        return number
    }

    /// A list of numbers, each above the one before it: bounds of a histogram's buckets.
    public func growingNumbers(_ name: String) throws(SettingsFailure) -> [Double] {
        let value = member(name)
        let failure = SettingsFailure("\(path)\(name) must be a list of growing numbers")
        guard value.isArray else { throw failure }
        let elements = space.elements(value)
        var bounds: [Double] = []
        for index in 0..<elements.count {
            let text = String(decoding: (try? space.json(elements[index])) ?? [], as: UTF8.self)
            guard elements[index].isNumber, let bound = Double(text), bound.isFinite,
                bound > bounds.last ?? -.infinity
            else { throw failure }
            bounds.append(bound)
        }
        return bounds
    }

    /// A list of texts; empty where it is not there.
    public func texts(_ name: String) throws(SettingsFailure) -> [String] {
        let value = member(name)
        if value.isUndefined { return [] }
        guard value.isArray else { throw SettingsFailure("\(path)\(name) must be a list of strings") }
        let elements = space.elements(value)
        var result: [String] = []
        for index in 0..<elements.count {
            guard elements[index].isString else {
                throw SettingsFailure("\(path)\(name) must be a list of strings")
            }
            result.append(String(decoding: space.bytes(elements[index]), as: UTF8.self))
        }
        return result
    }

    /// An object of texts, in the order of their names; empty where it is not there.
    public func textMembers(_ name: String) throws(SettingsFailure) -> [(name: String, value: String)] {
        let failure = SettingsFailure("\(path)\(name) must be an object of strings")
        let value = member(name)
        if value.isUndefined { return [] }
        guard value.isObject else { throw failure }
        let object = try named(name)
        var result: [(name: String, value: String)] = []
        for (name, value) in object.members {
            guard value.isString else { throw failure }
            result.append((name, String(decoding: space.bytes(value), as: UTF8.self)))
        }
        return result
    }

    /// A path to a document, such as `/system/main` or `system/main`, as its steps.
    public func document(_ name: String) throws(SettingsFailure) -> [[UInt8]]? {
        let value = member(name)
        if value.isUndefined { return nil }
        guard value.isString else { throw SettingsFailure("\(path)\(name) must be a string") }
        let steps = space.bytes(value).split(separator: UInt8(ascii: "/")).map { Array($0) }
        guard !steps.isEmpty else { throw SettingsFailure("\(path)\(name) must name a document") }
        return steps
    }

    /// A member as JSON text; nil for none.
    public func json(_ name: String) -> [UInt8]? {
        let value = member(name)
        return value.isUndefined ? nil : try? space.json(value)
    }
}
