/// What a key of a terminal says.
enum Key: Equatable {
    case character(Character)
    /// A letter pressed with control, such as `a` for ctrl+a.
    case control(Character)
    /// A key behind an escape or with alt.
    case alt(Character)
    case up, down, left, right, home, end, delete, wordLeft, wordRight
    case enter, tab, backspace
    case pasteBegins, pasteEnds
    /// A sequence that means nothing here.
    case unknown
}

/// Makes keys of the bytes that a terminal sends. Never keeps more than a few bytes, whatever comes.
struct KeyDecoder {
    private enum State {
        case ground
        case escape
        /// Behind `ESC [` or `ESC O`.
        case sequence([UInt8])
        /// Within a UTF-8 sequence.
        case scalar([UInt8], missing: Int)
    }

    private var state = State.ground

    /// Whether an escape waits for what belongs to it: alone it is a key.
    var isPending: Bool {
        if case .ground = state { return false }
        return true
    }

    /// Takes a byte; gives the key that it completes.
    mutating func take(_ byte: UInt8) -> Key? {
        switch state {
        case .ground: return begin(byte)
        case .escape:
            if byte == UInt8(ascii: "[") || byte == UInt8(ascii: "O") {
                state = .sequence([byte])
                return nil
            }
            state = .ground
            if byte == 0x1B {
                state = .escape
                return .unknown
            }
            if byte == 0x7F || byte == 0x08 { return .alt("\u{7F}") }
            return byte >= 0x20 && byte < 0x7F ? .alt(Character(Unicode.Scalar(byte))) : .unknown
        case .sequence(let before): return sequence(before, byte)
        case .scalar(let before, let missing):
            guard byte & 0xC0 == 0x80 else {
                // The broken sequence goes; the byte begins anew.
                state = .ground
                return begin(byte)
            }
            let bytes = before + [byte]
            guard missing == 1 else {
                state = .scalar(bytes, missing: missing - 1)
                return nil
            }
            state = .ground
            return String(validating: bytes, as: UTF8.self)?.first.map { .character($0) } ?? .unknown
        }
    }

    /// Nothing followed an escape: gives what it is alone.
    mutating func flush() -> Key? {
        guard isPending else { return nil }
        state = .ground
        return .unknown
    }

    private mutating func begin(_ byte: UInt8) -> Key? {
        switch byte {
        case 0x1B:
            state = .escape
            return nil
        case 0x0D, 0x0A: return .enter
        case 0x09: return .tab
        case 0x7F, 0x08: return .backspace
        case 0x00..<0x20: return .control(Character(Unicode.Scalar(byte + 0x60)))
        case 0x20..<0x7F: return .character(Character(Unicode.Scalar(byte)))
        case 0xC2...0xDF: state = .scalar([byte], missing: 1)
        case 0xE0...0xEF: state = .scalar([byte], missing: 2)
        case 0xF0...0xF4: state = .scalar([byte], missing: 3)
        default: return .unknown
        }
        return nil
    }

    private mutating func sequence(_ before: [UInt8], _ byte: UInt8) -> Key? {
        // Parameters end with a letter or a tilde.
        guard byte >= 0x40 && byte < 0x7F else {
            guard byte >= 0x20, before.count < 16 else {
                state = .ground
                return .unknown
            }
            state = .sequence(before + [byte])
            return nil
        }
        state = .ground
        let parameters = String(decoding: before.dropFirst(), as: UTF8.self)
        let isWord = parameters.hasSuffix(";5") || parameters.hasSuffix(";3")
        switch byte {
        case UInt8(ascii: "A"): return .up
        case UInt8(ascii: "B"): return .down
        case UInt8(ascii: "C"): return isWord ? .wordRight : .right
        case UInt8(ascii: "D"): return isWord ? .wordLeft : .left
        case UInt8(ascii: "H"): return .home
        case UInt8(ascii: "F"): return .end
        case UInt8(ascii: "~"):
            switch parameters {
            case "1", "7": return .home
            case "4", "8": return .end
            case "3": return .delete
            case "200": return .pasteBegins
            case "201": return .pasteEnds
            default: return .unknown
            }
        default: return .unknown
        }
    }
}
