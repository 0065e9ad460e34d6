import CYaml
import Writ

/// Why a text is not accepted as YAML, and where.
public struct YAMLFailure: Error, Sendable {
    /// In the words of OPA: `yaml: line 3: did not find expected key`.
    public let message: String
    /// What is wrong, without the place.
    public let problem: String
    /// Row and column, both from 1; the column counts code points.
    public let position: Position?
}

/// How YAML is read.
public struct YAMLOptions: Sendable {
    /// Whether a key may come twice in a mapping. The last one then counts.
    public var allowsDuplicateKeys = false
    /// What plain scalars mean.
    public var schema = Schema.old
    /// Bytes that aliases and merges may add to the result, so that a small text cannot become a huge value.
    public var expansionLimit = 16 << 20

    public init() {}

    public enum Schema: Sendable {
        /// YAML 1.1, as OPA reads data: `yes` is true.
        case old
        /// YAML 1.2, as OPA reads metadata: `yes` is a text. Keys that come twice are reported in the words for these.
        case core
    }
}

/// Turns the first document of a YAML text into JSON text.
///
/// Scalars mean what they mean to OPA (`yes` is true, `017` is 15). Integers of 64 bits are exact, other
/// numbers the nearest double.
/// Nothing recurses; nesting is limited to 1,000 levels by the parser of events.
public func convertYAML(_ text: [UInt8], options: YAMLOptions = YAMLOptions()) throws(YAMLFailure) -> [UInt8] {
    var reader = YAMLReader(options: options)
    return try reader.read(text)
}

/// A mapping or sequence that is being read.
private struct YAMLFrame {
    var isMapping: Bool
    var anchor: [UInt8]?
    /// Where its text begins in the output.
    var start: Int
    var isEmpty = true
    /// The place of the next key; false for values and elements.
    var wantsKey: Bool
    /// The value to come is that of null as a key, which is refused with it, and begins here in the output.
    var nullStart: Int?
    /// The value to come is that of a `<<`, and begins here in the output.
    var mergeStart: Int?
    /// Members that merges bring in metadata: they stand before the mapping's own, which so win. In other YAML a merge
    /// counts where it stands: OPA reads it with an older go-yaml.
    var merged: [UInt8] = []
    /// Each with its line, counted from 1.
    var keys: [[UInt8]: Int] = [:]
}

struct YAMLReader {
    private let options: YAMLOptions
    private var output: [UInt8] = []
    private var frames: [YAMLFrame] = []
    private var anchors: [[UInt8]: [UInt8]] = [:]
    private var expanded = 0
    private var mark = yaml_mark_t()
    /// The names of anchors that came so far, also behind what was refused.
    private var names: Set<[UInt8]> = []
    private var dialect: YAMLDialect
    /// The collections that are open, also behind what was refused; nil for those that are no flow collections.
    private var flows: [FlowStart?] = []
    /// What is wrong with the first key that is null: OPA finds it when all else has been read.
    private var nullKeyFailure: YAMLFailure?
    /// Whether the output has a number that JSON cannot write.
    private var hasUnwritable = false

    init(options: YAMLOptions) {
        self.options = options
        dialect = YAMLDialect([])
    }

    mutating func read(_ text: [UInt8]) throws(YAMLFailure) -> [UInt8] {
        dialect = YAMLDialect(text, coversMarks: options.schema == .old)
        while true {
            do throws(YAMLFailure) { return try parse(dialect.text) } catch {
                // Tags are read so by go-yaml for YAML 1.1.
                let isTag = [YAMLDialect.tagProblem, YAMLDialect.emptyTagProblem].contains(error.problem)
                guard options.schema == .old || !isTag, dialect.mend(error.problem, at: refusedCharacter) else {
                    throw error
                }
                self = YAMLReader(options: options, dialect: dialect)
            }
        }
    }

    /// Where the parser met a character that it refuses, counted in characters.
    private var refusedCharacter = 0

    private init(options: YAMLOptions, dialect: YAMLDialect) {
        self.options = options
        self.dialect = dialect
    }

    private mutating func parse(_ text: [UInt8]) throws(YAMLFailure) -> [UInt8] {
        var parser = yaml_parser_t()
        guard yaml_parser_initialize(&parser) == 1 else { throw failure("out of memory", nil) }
        defer { yaml_parser_delete(&parser) }
        let result: Result<[UInt8], YAMLFailure> = text.withUnsafeBufferPointer { bytes in
            yaml_parser_set_input_string(&parser, bytes.baseAddress, bytes.count)
            do throws(YAMLFailure) { return .success(try run(&parser)) } catch { return .failure(error) }
        }
        return try result.get()
    }

    private mutating func run(_ parser: inout yaml_parser_t) throws(YAMLFailure) -> [UInt8] {
        // The whole document is parsed before any of it is understood: its syntax errors come first.
        var refused: YAMLFailure?
        while true {
            var event = yaml_event_t()
            guard yaml_parser_parse(&parser, &event) == 1 else {
                refusedCharacter = Int(clamping: parser.problem_mark.index)
                throw Self.failure(of: parser)
            }
            defer { yaml_event_delete(&event) }
            if event.type == YAML_STREAM_END_EVENT || event.type == YAML_DOCUMENT_END_EVENT {
                if let found = refused ?? nullKeyFailure { throw found }
                guard hasUnwritable else { return output.isEmpty ? Array("null".utf8) : output }
                guard let unwritable = UnwritableNumbers.first(in: output) else {
                    return UnwritableNumbers.replaced(in: output)
                }
                throw failure("unsupported value: " + unwritable)
            }
            mark = event.start_mark
            try syntax(event)
            guard refused == nil else { continue }
            do throws(YAMLFailure) { try handle(event) } catch { refused = error }
        }
    }

    /// What is wrong whatever the value means: OPA's parser reports it where it stands, before it looks at values.
    private mutating func syntax(_ event: yaml_event_t) throws(YAMLFailure) {
        switch event.type {
        case YAML_DOCUMENT_START_EVENT:
            guard options.schema == .old, let version = event.data.document_start.version_directive?.pointee else {
                return
            }
            guard version.major == 1, version.minor == 1 else {
                throw failure("found incompatible YAML document", line: Int(clamping: event.start_mark.line))
            }
        case YAML_SCALAR_EVENT:
            let scalar = event.data.scalar
            if let anchor = scalar.anchor { names.insert(Self.bytes(anchor)) }
            guard options.schema == .old else { return }
            if let comma = dialect.commaBehindTag(event) {
                refusedCharacter = comma
                throw failure(YAMLDialect.tagProblem)
            }
            if let found = dialect.refused(event, in: flows) { throw failure(found.problem, line: found.line) }
        case YAML_ALIAS_EVENT:
            let name = Self.bytes(event.data.alias.anchor)
            guard names.contains(name) else {
                throw failure("unknown anchor '\(String(decoding: name, as: UTF8.self))' referenced")
            }
        case YAML_SEQUENCE_START_EVENT:
            if let anchor = event.data.sequence_start.anchor { names.insert(Self.bytes(anchor)) }
            flows.append(dialect.start(event, isFlow: event.data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE))
        case YAML_MAPPING_START_EVENT:
            if let anchor = event.data.mapping_start.anchor { names.insert(Self.bytes(anchor)) }
            flows.append(dialect.start(event, isFlow: event.data.mapping_start.style == YAML_FLOW_MAPPING_STYLE))
        case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT: _ = flows.popLast()
        default: return
        }
    }

    private mutating func handle(_ event: yaml_event_t) throws(YAMLFailure) {
        switch event.type {
        case YAML_SCALAR_EVENT: try scalar(event)
        case YAML_ALIAS_EVENT: try alias(Self.bytes(event.data.alias.anchor))
        case YAML_SEQUENCE_START_EVENT:
            try open(isMapping: false, anchor: event.data.sequence_start.anchor)
        case YAML_MAPPING_START_EVENT:
            try open(isMapping: true, anchor: event.data.mapping_start.anchor)
        case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT: try close()
        default: return
        }
    }

    // MARK: Events

    /// Whether a key `<<` merges: without a tag where it stands without quotes, and with quotes or not where its tag is
    /// `!` or says so.
    private static func isMerge(_ tag: [UInt8], isPlain: Bool) -> Bool {
        tag.isEmpty ? isPlain : tag == Array("!".utf8) || tag == Array("tag:yaml.org,2002:merge".utf8)
    }

    private mutating func scalar(_ whole: yaml_event_t) throws(YAMLFailure) {
        let event = whole.data.scalar
        var text = event.value.map { Array(UnsafeBufferPointer(start: $0, count: event.length)) } ?? []
        text = dialect.uncovered(text, isPlain: event.style == YAML_PLAIN_SCALAR_STYLE)
        let tag = Self.bytes(event.tag)
        let isPlain = event.style == YAML_PLAIN_SCALAR_STYLE && event.plain_implicit != 0
        let value = try value(text, tag: tag, isPlain: isPlain)
        let anchor = event.anchor.map { _ in Self.bytes(event.anchor) }
        if let last = frames.indices.last, frames[last].isMapping, frames[last].wantsKey {
            if text == Array("<<".utf8), Self.isMerge(tag, isPlain: isPlain) {
                frames[last].wantsKey = false
                frames[last].mergeStart = output.count
                return
            }
            if let anchor { try register(anchor, value) }
            try key(value)
            return
        }
        separate()
        output += value
        try finish(anchor, start: output.count - value.count)
    }

    private mutating func alias(_ name: [UInt8]) throws(YAMLFailure) {
        guard let value = anchors[name] else {
            // It is known to have come; its value is still open.
            throw failure("anchor '\(String(decoding: name, as: UTF8.self))' value contains itself")
        }
        try expand(by: value.count)
        if let last = frames.indices.last, frames[last].isMapping, frames[last].wantsKey {
            try key(value)
            return
        }
        separate()
        output += value
        try finish(nil, start: output.count - value.count)
    }

    private mutating func open(isMapping: Bool, anchor: UnsafeMutablePointer<UInt8>?) throws(YAMLFailure) {
        if let last = frames.last, last.isMapping, last.wantsKey {
            throw failure("invalid map key: keys must be scalars")
        }
        separate()
        let name = anchor.map { _ in Self.bytes(anchor) }
        // A new value of that name; the old one is gone even while this one is open.
        if let name { anchors[name] = nil }
        frames.append(YAMLFrame(isMapping: isMapping, anchor: name, start: output.count, wantsKey: isMapping))
        output.append(isMapping ? UInt8(ascii: "{") : UInt8(ascii: "["))
    }

    private mutating func close() throws(YAMLFailure) {
        guard let frame = frames.popLast() else { return }
        if !frame.merged.isEmpty {
            let own = Array(output[(frame.start + 1)...])
            output.removeSubrange((frame.start + 1)...)
            output += frame.merged
            if !own.isEmpty {
                output.append(UInt8(ascii: ","))
                output += own
            }
        }
        output.append(frame.isMapping ? UInt8(ascii: "}") : UInt8(ascii: "]"))
        try finish(frame.anchor, start: frame.start)
    }

    // MARK: Putting together

    /// A comma where one is due before a value.
    private mutating func separate() {
        guard let last = frames.indices.last, !frames[last].isMapping else { return }
        if !frames[last].isEmpty { output.append(UInt8(ascii: ",")) }
        frames[last].isEmpty = false
    }

    private mutating func key(_ value: [UInt8]) throws(YAMLFailure) {
        guard let last = frames.indices.last else { return }
        let name: [UInt8]
        var isNull = false
        switch value.first {
        case UInt8(ascii: "\""): name = value
        case UInt8(ascii: "{"), UInt8(ascii: "["): throw failure("invalid map key: keys must be scalars")
        case UInt8(ascii: "n"):
            name = Array("\"null\"".utf8)
            isNull = true
        default: name = [UInt8(ascii: "\"")] + value + [UInt8(ascii: "\"")]
        }
        let line = Int(clamping: mark.line) + 1
        if !isNull, let earlier = frames[last].keys.updateValue(line, forKey: name), !options.allowsDuplicateKeys {
            throw redeclared(name, line, earlier)
        }
        if !frames[last].isEmpty { output.append(UInt8(ascii: ",")) }
        frames[last].isEmpty = false
        frames[last].wantsKey = false
        output += name
        output.append(UInt8(ascii: ":"))
        if isNull { frames[last].nullStart = output.count }
    }

    /// What follows a whole value: its anchor's text, and the key that comes next.
    private mutating func finish(_ anchor: [UInt8]?, start: Int) throws(YAMLFailure) {
        if let anchor { try register(anchor, Array(output[start...])) }
        guard let last = frames.indices.last, frames[last].isMapping else { return }
        frames[last].wantsKey = true
        if let nullStart = frames[last].nullStart {
            frames[last].nullStart = nil
            if nullKeyFailure == nil { nullKeyFailure = nullKey(output[nullStart...]) }
        }
        guard let mergeStart = frames[last].mergeStart else { return }
        frames[last].mergeStart = nil
        let value = Array(output[mergeStart...])
        output.removeSubrange(mergeStart...)
        // JSON's last member wins: what comes first in a list of merges must stand last.
        for members in try members(ofMerge: value).reversed() where !members.isEmpty {
            if options.schema == .core {
                if !frames[last].merged.isEmpty { frames[last].merged.append(UInt8(ascii: ",")) }
                frames[last].merged += members
            } else {
                if !frames[last].isEmpty { output.append(UInt8(ascii: ",")) }
                frames[last].isEmpty = false
                output += members
            }
        }
    }

    private mutating func register(_ anchor: [UInt8], _ value: [UInt8]) throws(YAMLFailure) {
        try expand(by: value.count)
        anchors[anchor] = value
    }

    private mutating func expand(by count: Int) throws(YAMLFailure) {
        expanded += count
        guard expanded <= options.expansionLimit else { throw failure("document contains excessive aliasing") }
    }

    /// The members, without braces, of the mapping or the mappings that a `<<` names.
    private func members(ofMerge value: [UInt8]) throws(YAMLFailure) -> [ArraySlice<UInt8>] {
        func inside(_ text: ArraySlice<UInt8>) throws(YAMLFailure) -> ArraySlice<UInt8> {
            guard text.first == UInt8(ascii: "{") else {
                throw failure("map merge requires map or sequence of maps as the value")
            }
            return text.dropFirst().dropLast()
        }
        guard value.first == UInt8(ascii: "[") else { return [try inside(value[...])] }
        var result: [ArraySlice<UInt8>] = []
        var depth = 0
        var isString = false
        var start = 1
        var index = 1
        while index < value.count {
            let byte = value[index]
            if isString {
                if byte == UInt8(ascii: "\\") { index += 1 }
                if byte == UInt8(ascii: "\"") { isString = false }
            } else if byte == UInt8(ascii: "\"") {
                isString = true
            } else if byte == UInt8(ascii: "{") || byte == UInt8(ascii: "[") {
                depth += 1
            } else if depth == 0, byte == UInt8(ascii: ",") || byte == UInt8(ascii: "]") {
                if index > start { result.append(try inside(value[start..<index])) }
                start = index + 1
            } else if byte == UInt8(ascii: "}") || byte == UInt8(ascii: "]") {
                depth -= 1
            }
            index += 1
        }
        return result
    }

    // MARK: Scalars

    /// A scalar as JSON text.
    private mutating func value(_ text: [UInt8], tag: [UInt8], isPlain: Bool) throws(YAMLFailure) -> [UInt8] {
        let prefix = Array("tag:yaml.org,2002:".utf8)
        guard tag.starts(with: prefix) else { return isPlain && tag.isEmpty ? plain(text) : Self.quote(text) }
        let kind = String(decoding: tag.dropFirst(prefix.count), as: UTF8.self)
        switch (kind, YAMLScalar.resolve(text)) {
        case ("null", .null), ("bool", .boolean), ("int", .number), ("float", .number): return plain(text)
        case ("float", .string) where YAMLScalar.isUnwritable(text): return plain(text)
        case ("null", _), ("bool", _), ("int", _), ("float", _):
            let found = YAMLScalar.tag(of: text)
            throw failure("cannot decode \(found) `\(String(decoding: text, as: UTF8.self))` as a !!\(kind)")
        case ("binary", _):
            guard let bytes = Self.base64(text) else { throw failure("!!binary value contains invalid base64 data") }
            return Self.quote(bytes)
        default: return Self.quote(text)
        }
    }

    private mutating func plain(_ text: [UInt8]) -> [UInt8] {
        switch YAMLScalar.resolve(text) {
        case .null: return Array("null".utf8)
        case .boolean(let value):
            // Of the words for them YAML 1.2 has only these.
            if options.schema == .core, text.count != (value ? 4 : 5) { return Self.quote(text) }
            return Array((value ? "true" : "false").utf8)
        case .number(let digits): return digits
        case .string:
            guard YAMLScalar.isUnwritable(text) else { return Self.quote(text) }
            hasUnwritable = true
            return UnwritableNumbers.written(text)
        }
    }

    private static func quote(_ text: [UInt8]) -> [UInt8] {
        var buffer = ByteBuffer()
        buffer.appendJSONString(text)
        return buffer.bytes
    }

    private static func base64(_ text: [UInt8]) -> [UInt8]? {
        var bytes: [UInt8] = []
        var bits: UInt32 = 0
        var count = 0
        var padding = 0
        for byte in text where byte != 0x0A && byte != 0x0D {
            let digit: UInt32
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): digit = UInt32(byte) - 65
            case UInt8(ascii: "a")...UInt8(ascii: "z"): digit = UInt32(byte) - 71
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = UInt32(byte) + 4
            case UInt8(ascii: "+"): digit = 62
            case UInt8(ascii: "/"): digit = 63
            case UInt8(ascii: "="):
                padding += 1
                continue
            default: return nil
            }
            guard padding == 0 else { return nil }
            bits = bits << 6 | digit
            count += 1
            if count % 4 == 0 {
                bytes += [UInt8(bits >> 16 & 255), UInt8(bits >> 8 & 255), UInt8(bits & 255)]
                bits = 0
            }
        }
        guard (count + padding) % 4 == 0, padding <= 2 else { return nil }
        switch count % 4 {
        case 2: bytes.append(UInt8(bits >> 4 & 255))
        case 3: bytes += [UInt8(bits >> 10 & 255), UInt8(bits >> 2 & 255)]
        case 1: return nil
        default: break
        }
        return bytes
    }

    // MARK: Errors

    private func failure(_ problem: String) -> YAMLFailure { failure(problem, mark) }

    /// With the line, counted from 0, that OPA's parser names unless it is the first.
    private func failure(_ problem: String, line: Int) -> YAMLFailure {
        var failure = failure(problem)
        guard line > 0 else { return failure }
        failure = YAMLFailure(
            message: "yaml: line \(line): \(problem)", problem: problem,
            position: Position(row: line + 1, column: failure.position?.column ?? 1))
        return failure
    }

    /// The words of the library that OPA reads YAML with; only scalars are shown as it shows them.
    private func nullKey(_ value: ArraySlice<UInt8>) -> YAMLFailure {
        let isNull = value.elementsEqual("null".utf8)
        let shown = isNull ? "<nil>" : String(decoding: value, as: UTF8.self)
        let message = "unsupported map key of type: %!s(<nil>), key: <nil>, value: \(shown)"
        return YAMLFailure(
            message: message, problem: message,
            position: Position(row: Int(clamping: mark.line) + 1, column: Int(clamping: mark.column) + 1))
    }

    private func redeclared(_ key: [UInt8], _ line: Int, _ earlier: Int) -> YAMLFailure {
        let name = String(decoding: key, as: UTF8.self)
        guard options.schema == .core else { return failure("key \(name) already set in map") }
        return failure("unmarshal errors:\n  line \(line): mapping key \(name) already defined at line \(earlier)")
    }

    private func failure(_ problem: String, _ mark: yaml_mark_t?) -> YAMLFailure {
        YAMLFailure(
            message: "yaml: \(problem)", problem: problem,
            position: mark.map { Position(row: Int(clamping: $0.line) + 1, column: Int(clamping: $0.column) + 1) })
    }

    private static func failure(of parser: yaml_parser_t) -> YAMLFailure {
        let problem = parser.problem.map { String(cString: $0) } ?? "out of memory"
        // go-yaml counts lines from 0 here, but for errors of the scanner.
        var line = 0
        if parser.problem_mark.line != 0 {
            line = Int(clamping: parser.problem_mark.line) + (parser.error == YAML_SCANNER_ERROR ? 1 : 0)
        } else if parser.context_mark.line != 0 {
            line = Int(clamping: parser.context_mark.line)
        }
        let place = line == 0 ? "" : "line \(line): "
        return YAMLFailure(
            message: "yaml: \(place)\(problem)", problem: problem,
            position: Position(
                row: Int(clamping: parser.problem_mark.line) + 1, column: Int(clamping: parser.problem_mark.column) + 1)
        )
    }

    private static func bytes(_ text: UnsafeMutablePointer<UInt8>?) -> [UInt8] {
        guard let text else { return [] }
        var count = 0
        while text[count] != 0 { count += 1 }
        return Array(UnsafeBufferPointer(start: text, count: count))
    }
}
