/// Why a plan cannot be read or must not be run, and the place in it.
public struct PlanError: Error, Sendable {
    public enum Reason: Sendable {
        /// The text is no JSON.
        case syntax
        /// Something is missing, or has the wrong type or an unknown name.
        case form
        /// An index, a name or a nesting that refers to something that is not there.
        case reference
        /// Larger or more deeply nested than the limits allow.
        case limit
        /// Calls a builtin that this build does not have.
        case unsupported
    }

    public let reason: Reason
    /// Where: a path such as `funcs[2].blocks[0].stmts[5].stmt.target`; empty for the whole.
    public let place: [UInt8]
    public let message: [UInt8]

    init(_ reason: Reason, _ message: [UInt8], at place: [UInt8]) {
        self.reason = reason
        self.message = message
        self.place = place
    }
}

/// A path into a document, kept while descending it; made into text only for an error.
struct Place {
    enum Step {
        case key(StaticString)
        case index(Int)
    }

    private(set) var steps: [Step] = []

    mutating func push(_ key: StaticString) { steps.append(.key(key)) }
    mutating func push(_ index: Int) { steps.append(.index(index)) }
    mutating func pop() { if !steps.isEmpty { steps.removeLast() } }
    mutating func pop(_ count: Int) { for _ in 0..<count { pop() } }

    var text: [UInt8] {
        var text: [UInt8] = []
        for step in steps {
            switch step {
            case .key(let key):
                if !text.isEmpty { text.append(UInt8(ascii: ".")) }
                text.append(key)
            case .index(let index):
                text.append(UInt8(ascii: "["))
                text.append(decimal: index)
                text.append(UInt8(ascii: "]"))
            }
        }
        return text
    }

    /// An error here, or at a key of what is here.
    func error(_ reason: PlanError.Reason, _ message: [UInt8], key: StaticString? = nil) -> PlanError {
        var place = self
        if let key { place.push(key) }
        return PlanError(reason, message, at: place.text)
    }

    func error(_ reason: PlanError.Reason, _ message: StaticString, key: StaticString? = nil) -> PlanError {
        var text: [UInt8] = []
        text.append(message)
        return error(reason, text, key: key)
    }
}

extension [UInt8] {
    mutating func append(_ literal: StaticString) {
        literal.withUTF8Buffer { append(contentsOf: $0) }
    }

    mutating func append(decimal number: Int) {
        if number < 0 { append(UInt8(ascii: "-")) }
        let start = count
        var magnitude = number.magnitude
        repeat {
            append(UInt8(truncatingIfNeeded: magnitude % 10) &+ UInt8(ascii: "0"))
            magnitude /= 10
        } while magnitude > 0
        self[start...].reverse()
    }
}
