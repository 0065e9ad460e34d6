import Glibc
import Writ

/// What is done to the text of a configuration before it is read: variables, and single values over those of the file.
public enum ConfigurationText {
    /// The text with `${NAME}` replaced by what the environment has, by nothing where it has nothing.
    public static func replacingVariables(_ text: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        var index = 0
        while index < text.count {
            if text[index] == UInt8(ascii: "$"), index + 1 < text.count, text[index + 1] == UInt8(ascii: "{"),
                let end = text[(index + 2)...].firstIndex(of: UInt8(ascii: "}"))
            {
                let name = String(decoding: text[(index + 2)..<end], as: UTF8.self)
                if let value = getenv(name) { result += Array(String(cString: value).utf8) }
                index = end + 1
            } else {
                result.append(text[index])
                index += 1
            }
        }
        return result
    }

    /// JSON text with single values over it. Each setting is `key=value,key=value` with keys such as `a.b[0]`, as
    /// Helm's; a backslash takes a letter as it is, `{a,b}` is a list. With `readFile` values are names of files whose
    /// content, without white space around it, is the value.
    public static func setting(
        _ settings: [String], over json: [UInt8],
        readFile: ((String) throws(SettingsFailure) -> [UInt8])? = nil
    ) throws(SettingsFailure) -> [UInt8] {
        guard !settings.isEmpty else { return json }
        let space = Space.create(memoryLimit: 1 << 28)
        defer { space.destroy() }
        var root: Value
        do throws(JSONError) { root = try space.readJSON(json) } catch {
            throw SettingsFailure(String(decoding: error.message, as: UTF8.self))
        }
        if !root.isObject { root = .emptyObject }
        for setting in settings {
            var parser = SettingParser(setting)
            while let (steps, value) = try parser.next(isFile: readFile != nil) {
                var content: [UInt8]?
                if let readFile, case .text(let name) = value {
                    content = trimmed(try readFile(String(decoding: name, as: UTF8.self)))
                }
                do throws(Fault) {
                    let made: Value
                    if let content { made = try space.string(content) } else { made = try value.made(in: space) }
                    root = try put(made, at: steps[...], in: root, space)
                } catch {
                    throw SettingsFailure("invalid setting: \(setting)")
                }
            }
        }
        do throws(Fault) { return try space.json(root) } catch {
            throw SettingsFailure("the configuration is too large")
        }
    }

    static func trimmed(_ bytes: [UInt8]) -> [UInt8] {
        func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
        guard let first = bytes.firstIndex(where: { !isSpace($0) }),
            let last = bytes.lastIndex(where: { !isSpace($0) })
        else { return [] }
        return Array(bytes[first...last])
    }

    private static func put(
        _ new: Value, at steps: ArraySlice<SettingParser.Step>, in value: Value, _ space: Space
    ) throws(Fault) -> Value {
        guard let step = steps.first else { return new }
        let rest = steps.dropFirst()
        switch step {
        case .key(let name):
            let object = value.isObject ? value : .emptyObject
            let key = try space.string(name)
            return try space.setting(object, key, to: put(new, at: rest, in: space.member(object, key), space))
        case .index(let index):
            var list = ValueList()
            let old = value.isArray ? space.elements(value) : space.elements(.emptyArray)
            for position in 0..<max(old.count, index + 1) {
                let element: Value = position < old.count ? old[position] : .null
                try list.append(position == index ? put(new, at: rest, in: element, space) : element, in: space)
            }
            return try space.array(list)
        }
    }
}

/// Takes `a.b[0]=x,c={1,2}` apart.
private struct SettingParser {
    enum Step {
        case key([UInt8])
        case index(Int)
    }

    enum Setting {
        case text([UInt8])
        /// What was written bare: a number, `true`, `false`, `null`, or else a text.
        case bare([UInt8])
        case list([[UInt8]])

        func made(in space: Space) throws(Fault) -> Value {
            switch self {
            case .text(let text): return try space.string(text)
            case .bare(let text): return try Self.typed(text, space)
            case .list(let items):
                var list = ValueList()
                for item in items { try list.append(Self.typed(item, space), in: space) }
                return try space.array(list)
            }
        }

        private static func typed(_ text: [UInt8], _ space: Space) throws(Fault) -> Value {
            if text.elementsEqual("true".utf8) { return .true }
            if text.elementsEqual("false".utf8) { return .false }
            if text.elementsEqual("null".utf8) { return .null }
            let digits = text.first == UInt8(ascii: "-") ? text.dropFirst() : text[...]
            let isNumber = !digits.isEmpty && digits.allSatisfy { $0 >= 0x30 && $0 <= 0x39 }
            // A leading zero is part of a text, such as a number of a telephone.
            if isNumber, digits.count == 1 || digits.first != 0x30, digits.count < 19,
                let number = Int(String(decoding: text, as: UTF8.self))
            {
                return .integer(number)
            }
            return try space.string(text)
        }
    }

    private static let indexLimit = 65_536
    private static let depthLimit = 64
    private let whole: String
    private var rest: ArraySlice<UInt8>

    init(_ text: String) {
        whole = text
        rest = Array(text.utf8)[...]
    }

    private var failure: SettingsFailure {
        SettingsFailure("invalid setting: \(whole): must be KEY=VALUE")
    }

    mutating func next(isFile: Bool) throws(SettingsFailure) -> ([Step], Setting)? {
        guard !rest.isEmpty else { return nil }
        var steps: [Step] = []
        while true {
            let (name, end) = read(until: ".[=,")
            guard end != UInt8(ascii: ","), let end, steps.count < Self.depthLimit else { throw failure }
            if !name.isEmpty { steps.append(.key(name)) }
            if end == UInt8(ascii: "[") {
                let (digits, close) = read(until: "]")
                guard close != nil, let index = Int(String(decoding: digits, as: UTF8.self)), index >= 0,
                    index < Self.indexLimit, !steps.isEmpty
                else { throw failure }
                steps.append(.index(index))
                continue
            }
            guard !name.isEmpty || steps.last.map(Self.isIndex) == true else { throw failure }
            if end == UInt8(ascii: "=") { break }
        }
        guard !steps.isEmpty else { throw failure }
        if isFile {
            let (name, _) = read(until: ",")
            return (steps, .text(name))
        }
        guard rest.first == UInt8(ascii: "{") else {
            let (value, _) = read(until: ",")
            return (steps, .bare(value))
        }
        rest = rest.dropFirst()
        var items: [[UInt8]] = []
        while true {
            let (item, end) = read(until: ",}")
            guard let end else { throw failure }
            if !item.isEmpty || end == UInt8(ascii: ",") { items.append(item) }
            guard end == UInt8(ascii: "}") else { continue }
            if rest.first == UInt8(ascii: ",") {
                rest = rest.dropFirst()
            } else if !rest.isEmpty {
                throw failure
            }
            return (steps, .list(items))
        }
    }

    private static func isIndex(_ step: Step) -> Bool {
        if case .index = step { return true }
        return false
    }

    /// What stands before one of some letters, and that letter, which is passed; nil at the end.
    private mutating func read(until ends: StaticString) -> (text: [UInt8], end: UInt8?) {
        var text: [UInt8] = []
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "\\") {
                if let next = rest.popFirst() { text.append(next) }
            } else if ends.withUTF8Buffer({ $0.contains(byte) }) {
                return (text, byte)
            } else {
                text.append(byte)
            }
        }
        return (text, nil)
    }
}
