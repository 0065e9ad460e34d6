import Writ

/// JSON put together piece by piece, read into a value at the end.
struct JSONBuilder {
    private(set) var bytes: [UInt8] = []

    /// Writes `{…}`: `body` writes its members.
    mutating func object(_ body: (inout JSONBuilder) -> Void) { enclosed("{", "}", body) }

    /// Writes an array of the elements, or null where there are none, as Go writes a slice that was never filled.
    mutating func list<C: Collection>(_ elements: C, _ body: (inout JSONBuilder, C.Element) -> Void) {
        guard !elements.isEmpty else { return null() }
        array(elements, body)
    }

    mutating func array<C: Collection>(_ elements: C, _ body: (inout JSONBuilder, C.Element) -> Void) {
        enclosed("[", "]") { json in
            for element in elements {
                json.separate()
                body(&json, element)
            }
        }
    }

    private mutating func enclosed(_ open: String, _ close: String, _ body: (inout JSONBuilder) -> Void) {
        bytes += Array(open.utf8)
        body(&self)
        bytes += Array(close.utf8)
    }

    private mutating func separate() {
        if let last = bytes.last, last != UInt8(ascii: "{"), last != UInt8(ascii: "["), last != UInt8(ascii: ":") {
            bytes.append(UInt8(ascii: ","))
        }
    }

    mutating func member(_ name: String, _ body: (inout JSONBuilder) -> Void) {
        separate()
        string(Array(name.utf8))
        bytes.append(UInt8(ascii: ":"))
        body(&self)
    }

    mutating func null() { bytes += Array("null".utf8) }

    mutating func string(_ text: some Sequence<UInt8>) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text {
            if byte < 0x20 {
                bytes += Array("\\u00".utf8) + [byte >> 4, byte & 15].map { Array("0123456789abcdef".utf8)[Int($0)] }
                continue
            }
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { bytes.append(UInt8(ascii: "\\")) }
            bytes.append(byte)
        }
        bytes.append(UInt8(ascii: "\""))
    }

    // MARK: Members

    mutating func member(_ name: String, _ value: Bool) {
        member(name) { $0.bytes += Array((value ? "true" : "false").utf8) }
    }
    mutating func member(_ name: String, _ value: Int) { member(name) { $0.number(decimal: value) } }
    mutating func member(_ name: String, text: some Sequence<UInt8>) { member(name) { $0.string(text) } }
    mutating func member(_ name: String, base64 bytes: some Collection<UInt8>) {
        member(name) { $0.base64(bytes) }
    }
    /// A number of these bytes, most significant first.
    mutating func member(_ name: String, number bytes: some Collection<UInt8>) {
        member(name) { $0.number(bytes) }
    }
    mutating func member(_ name: String, texts: [[UInt8]]) { member(name) { $0.list(texts) { $0.string($1) } } }
    mutating func memberNull(_ name: String) { member(name) { $0.null() } }

    mutating func base64(_ bytes: some Collection<UInt8>) { string(Base64Text.encode(bytes)) }

    mutating func number(_ bytes: some Collection<UInt8>) { self.bytes += BigDecimal.text(magnitude: bytes) }

    mutating func number(decimal number: Int) { bytes += Array(String(number).utf8) }

    mutating func identifier(_ identifier: ObjectIdentifier) {
        array(identifier.numbers) { $0.number(decimal: $1) }
    }

    /// The value in a context's space.
    func value(_ context: HostContext) throws(Fault) -> Value {
        try context.spend(bytes.count >> 3)
        do throws(JSONError) { return try context.space.readJSON(bytes) } catch { throw error.fault(in: context.space) }
    }
}
