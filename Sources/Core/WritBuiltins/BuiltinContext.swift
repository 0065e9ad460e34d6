import WritRegex
import WritValue

/// What builtins work with: the space of the evaluation, its budget, and caches that outlive one decision.
///
/// Belongs to one machine; not thread-safe.
public final class BuiltinContext {
    public let space: Space
    /// Steps left to this evaluation. Builtins pay for work that grows with their operands.
    ///
    /// Behind a pointer, because the machine's loop counts with it too and must not pay for exclusivity checks.
    public let stepsLeft: UnsafeMutablePointer<Int64>
    /// Steps beyond `stepsLeft`, which holds one slice of them at a time.
    private var stepsInReserve: Int64 = 0
    /// Asked after every slice of steps: a code ends the evaluation with a fault of it. Nil: nobody asks.
    public var poll: (() -> Fault.Code?)?
    /// Gives the TZif bytes of a time zone by name ("Europe/Berlin"), nil if there is none. Set by the host.
    public var loadTimeZone: ((_ name: [UInt8]) -> [UInt8]?)?

    /// Where builtins put texts together; see `begin`.
    let scratch: Scratch
    /// Compiled patterns, kept from decision to decision.
    let regexCache = RegexCache()
    let globCache = GlobCache()
    /// Compiled JSON schemas, kept from decision to decision.
    var schemas = SchemaCache()
    /// Time zones that were read so far.
    var timeZones: [(name: [UInt8], zone: TimeZone)] = []
    /// Where composite values are written as Rego terms on their way into the scratch buffer.
    private var rego = ByteBuffer()

    public init(space: Space) {
        self.space = space
        stepsLeft = .allocate(capacity: 1)
        stepsLeft.initialize(to: .max)
        scratch = Scratch.create()
    }

    deinit {
        scratch.destroy()
        stepsLeft.deallocate()
    }

    /// Pays for `count` units of work (elements visited, bytes read). Throws `stepLimit`.
    @inlinable
    public func spend(_ count: Int) throws(Fault) {
        stepsLeft.pointee &-= Int64(truncatingIfNeeded: count)
        if stepsLeft.pointee < 0 { try refuel() }
    }

    /// Steps between two questions whether to go on.
    public static var slice: Int64 { 1 &<< 14 }

    /// How often a compiled regex, and a compiled glob, was found among those that are kept.
    public var patternHits: (regex: Int, glob: Int) { (regexCache.hits, globCache.hits) }

    /// The texts of the patterns that are kept compiled, for another context.
    public var keptPatterns: KeptPatterns {
        KeptPatterns(regexes: regexCache.patterns, globs: globCache.patterns)
    }

    /// Compiles and keeps patterns that another context has.
    public func keep(_ patterns: KeptPatterns) {
        for pattern in patterns.regexes { pattern.withUnsafeBufferPointer { _ = try? regexCache.regex(for: $0) } }
        for (pattern, delimiters) in patterns.globs {
            pattern.withUnsafeBufferPointer { pattern in
                delimiters.withUnsafeBufferPointer { _ = try? globCache.glob(for: pattern, delimiters: $0) }
            }
        }
    }

    /// Keeps at most so many compiled patterns of `regex.*`, of `glob.*`, and JSON schemas, at least one of each; no
    /// more than without this.
    public func limitKept(_ count: Int) {
        regexCache.limit(entries: min(count, 1024))
        globCache.limit(entries: min(count, 4096))
        schemas.maxEntries = max(1, min(count, 32))
    }

    /// Gives an evaluation its steps.
    public func begin(steps: Int64) {
        // With somebody to ask, the first step asks.
        stepsLeft.pointee = poll == nil ? steps : 0
        stepsInReserve = steps &- stepsLeft.pointee
    }

    /// Called when `stepsLeft` is below zero: takes the next slice. Throws `stepLimit` when there is none left, what
    /// `poll` says, and what functions without `throws` met.
    public func refuel() throws(Fault) {
        try space.check()
        if let poll, let code = poll() { throw Fault(code) }
        let wanted = max(Self.slice, 0 &- stepsLeft.pointee)
        guard wanted <= stepsInReserve || stepsInReserve &+ stepsLeft.pointee >= 0 else { throw Fault(.stepLimit) }
        let slice = min(wanted, stepsInReserve)
        stepsInReserve &-= slice
        stepsLeft.pointee &+= slice
        if stepsLeft.pointee < 0 { throw Fault(.stepLimit) }
    }

    /// Appends a value as a Rego term to the scratch buffer.
    func writeRego(_ value: Value, to buffer: Scratch) throws(Fault) {
        rego.removeAll(keepingAtMost: 1 << 20)
        rego.limit = space.memoryLimit
        try space.writeRego(value, to: &rego)
        let result: Result<Void, Fault> = rego.withBytes { bytes in
            do throws(Fault) { return .success(try buffer.append(bytes)) } catch { return .failure(error) }
        }
        try result.get()
    }

    // MARK: Errors

    /// The error for an operand of the wrong type: "operand 1 must be one of {array, set} but got number".
    ///
    /// `position` counts from 1. `expected` is "number" or "one of {array, set}".
    public func typeError(_ position: Int, _ expected: StaticString, got value: Value) -> Fault {
        message(.type) { (buffer) throws(Fault) in
            try buffer.append("operand ")
            try buffer.append(decimal: position)
            try buffer.append(" must be ")
            try buffer.append(expected)
            try buffer.append(" but got ")
            try buffer.append(Self.typeName(value))
        }
    }

    /// The error for an operand whose content is refused.
    public func error(_ message: StaticString) -> Fault {
        Fault(.builtin, message: (try? space.string(message)) ?? .undefined)
    }

    /// The error for an operand whose content is refused.
    public func error(_ message: TextBuilder) -> Fault { Fault(.builtin, message: message.value(in: space)) }

    /// A type's name as errors and `type_name` print it.
    public static func typeName(_ value: Value) -> StaticString {
        switch value.kind {
        case .undefined: "undefined"
        case .null: "null"
        case .boolean: "boolean"
        case .number: "number"
        case .string: "string"
        case .array: "array"
        case .object: "object"
        case .set: "set"
        }
    }
}

/// Texts of patterns that a context keeps compiled.
public struct KeptPatterns: Sendable {
    let regexes: [[UInt8]]
    let globs: [(pattern: [UInt8], delimiters: [UInt32])]
}

/// Text put together from pieces: for messages and for the results of string builtins.
public struct TextBuilder {
    public var bytes: [UInt8] = []

    public init() {}

    public mutating func append(_ literal: StaticString) {
        guard literal.hasPointerRepresentation else { return }
        bytes.append(contentsOf: UnsafeBufferPointer(start: literal.utf8Start, count: literal.utf8CodeUnitCount))
    }

    public mutating func append(_ text: [UInt8]) { bytes.append(contentsOf: text) }

    public mutating func append(_ text: UnsafeBufferPointer<UInt8>) { bytes.append(contentsOf: text) }

    public mutating func append(_ number: Int) {
        if number < 0 { bytes.append(UInt8(ascii: "-")) }
        let start = bytes.count
        var magnitude = number.magnitude
        repeat {
            bytes.append(UInt8(truncatingIfNeeded: magnitude % 10) &+ UInt8(ascii: "0"))
            magnitude /= 10
        } while magnitude > 0
        bytes[start...].reverse()
    }

    /// The text of a string value, without quotes.
    public mutating func append(_ value: Value, in space: Space) {
        space.withBytes(value) { bytes.append(contentsOf: $0) }
    }

    /// The text as a value of a space; undefined when the space is full.
    public func value(in space: Space) -> Value { (try? space.string(bytes)) ?? .undefined }
}
