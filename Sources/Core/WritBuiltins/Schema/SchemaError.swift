import WritValue

/// Why a schema is refused: in the words of OPA, or because a limit was met.
enum SchemaError: Error {
    case message([UInt8])
    case fault(Fault)

    /// A message of pieces: literals and texts in turn.
    static func text(_ pieces: SchemaText...) -> SchemaError { .message(SchemaText.join(pieces)) }
}

/// A piece of a message.
enum SchemaText: ExpressibleByStringLiteral {
    case literal(StaticString)
    case bytes([UInt8])
    case number(Int)

    init(stringLiteral value: StaticString) { self = .literal(value) }

    static func join(_ pieces: [SchemaText]) -> [UInt8] {
        var text = TextBuilder()
        for piece in pieces {
            switch piece {
            case .literal(let literal): text.append(literal)
            case .bytes(let bytes): text.append(bytes)
            case .number(let number): text.append(number)
            }
        }
        return text.bytes
    }
}

extension StaticString {
    var bytes: [UInt8] {
        hasPointerRepresentation ? Array(UnsafeBufferPointer(start: utf8Start, count: utf8CodeUnitCount)) : []
    }
}

/// The bytes of a literal.
func ascii(_ literal: StaticString) -> [UInt8] { literal.bytes }
