/// What OPA says of a text that goes on behind its JSON value.
public enum JSONTrailing {
    /// The text is taken all the same.
    case value(Value)
    case problem([UInt8])
}

extension Space {
    /// What becomes of a text that was refused with `error`: behind its value OPA reads one token more, with Go's
    /// decoder, and shows that in its error. A null there goes unnoticed, and what is no token has an error of its own.
    public func trailing(_ error: JSONError, _ text: UnsafeBufferPointer<UInt8>) -> JSONTrailing {
        guard error.reason == .afterTopLevel, error.offset > 0, error.offset < text.count,
            error.byte != UInt8(ascii: "["), error.byte != UInt8(ascii: "{"), error.startsValue
        else { return .problem(error.message) }
        let rest = UnsafeBufferPointer(rebasing: text[error.offset...])
        var length = rest.count
        var token = Value.undefined
        do throws(JSONError) { token = try readJSON(rest) } catch {
            guard error.reason == .afterTopLevel, error.offset > 0 else { return .problem(error.message) }
            // Another value follows the token.
            length = error.offset
            do throws(JSONError) {
                token = try readJSON(UnsafeBufferPointer(rebasing: rest[..<length]))
            } catch { return .problem(error.message) }
        }
        if token.isNull {
            do throws(JSONError) {
                return .value(try readJSON(UnsafeBufferPointer(rebasing: text[..<error.offset])))
            } catch { return .problem(error.message) }
        }
        while length > 1, rest[length - 1] <= 0x20 { length -= 1 }
        var shown: [UInt8] = []
        func add(_ text: StaticString) { text.withUTF8Buffer { shown.append(contentsOf: $0) } }
        add("error: invalid character '")
        switch token.kind {
        case .boolean: add(token.isTrue ? "%!s(bool=true)" : "%!s(bool=false)")
        case .string: withBytes(token) { shown.append(contentsOf: $0) }
        default: shown.append(contentsOf: rest[..<length])
        }
        add("' after top-level value")
        return .problem(shown)
    }
}
