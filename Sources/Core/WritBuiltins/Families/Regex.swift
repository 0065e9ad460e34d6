import WritRegex
import WritValue

/// Regular expressions of RE2's syntax, and what is built on them.
enum RegexBuiltins {
    static let builtins: [Builtin] = [
        Builtin(
            "regex.is_valid", [Parameter("pattern", .string)], Parameter("result", .boolean),
            .pure { (context, arguments) throws(Fault) in
                guard arguments[0].isString else { return .false }
                let pattern = arguments.bytes(0, in: context.space)
                try context.spend(pattern.count)
                return .boolean(Regex.isValid(pattern: pattern))
            }, "Whether `pattern` is a string that is a regular expression."),
        Builtin(
            "regex.match", [Parameter("pattern", .string), Parameter("value", .string)],
            Parameter("result", .boolean), .pure(match),
            "Whether `pattern` matches somewhere in `value`. A malformed pattern is an error."),
        Builtin(
            "re_match", [Parameter("", .string), Parameter("", .string)],
            Parameter("result", .boolean), deprecated: true, .pure(match), "The former name of `regex.match`."),
        Builtin(
            "regex.find_n",
            [Parameter("pattern", .string), Parameter("value", .string), Parameter("number", .number)],
            Parameter("output", .array(.string)), .pure(find),
            """
            The first `number` matches of `pattern` in `value` that do not overlap, all of them when it is negative. \
            A malformed pattern is an error.
            """),
        Builtin(
            "regex.find_all_string_submatch_n",
            [Parameter("pattern", .string), Parameter("value", .string), Parameter("number", .number)],
            Parameter("output", .array(.array(.string))), .pure(findGroups),
            """
            The first `number` matches of `pattern` in `value`, all of them when it is negative; each as an array of \
            the whole match and its groups, empty where a group took no part. A malformed pattern is an error.
            """),
        Builtin(
            "regex.split", [Parameter("pattern", .string), Parameter("value", .string)],
            Parameter("output", .array(.string)), .pure(split),
            "The parts of `value` between matches of `pattern`. A malformed pattern is an error."),
        Builtin(
            "regex.replace",
            [Parameter("s", .string), Parameter("pattern", .string), Parameter("value", .string)],
            Parameter("output", .string), .pure(replace),
            """
            `s` with every match of `pattern` replaced by `value`, in which `$1`, `${1}` and `${name}` stand for \
            groups. A name is as long as possible, and what names no group is empty. A malformed pattern is an error.
            """),
        Builtin(
            "regex.template_match",
            [
                Parameter("template", .string), Parameter("value", .string),
                Parameter("delimiter_start", .string), Parameter("delimiter_end", .string),
            ], Parameter("result", .boolean), .pure(matchTemplate),
            """
            Whether the whole of `value` is as `template` says: literal text with regular expressions between the \
            delimiters, which are one byte each. Delimiters that do not pair up and malformed expressions are errors.
            """),
        Builtin(
            "regex.globs_match", [Parameter("glob1", .string), Parameter("glob2", .string)],
            Parameter("result", .boolean), .pure(intersect),
            """
            Whether some non-empty text matches both of two patterns made of characters, `.` and `[...]`, each with \
            `*` or `+` behind it or nothing. A malformed pattern is an error.
            """),
    ]

    // MARK: Helpers

    private static func compiled(_ context: BuiltinContext, _ pattern: Bytes) throws(Fault) -> Regex {
        do throws(RegexError) {
            return try context.regexCache.regex(for: pattern)
        } catch {
            try context.spend(pattern.count)
            throw fault(context, error.message)
        }
    }

    static func fault(_ context: BuiltinContext, _ message: [UInt8]) -> Fault {
        context.message(.builtin) { (buffer) throws(Fault) in
            try message.withUnsafeBufferPointerThrowing { (bytes) throws(Fault) in try buffer.append(bytes) }
        }
    }

    /// Pays for what the engines do, while they do it: a text may be read again for each of many matches.
    private struct Bill {
        private let regex: Regex
        private var paid: Int

        init(_ regex: Regex, _ text: Bytes, _ context: BuiltinContext) throws(Fault) {
            self.regex = regex
            paid = regex.work
            try context.spend(1 &+ text.count &>> 4)
        }

        mutating func pay(_ context: BuiltinContext) throws(Fault) {
            let work = regex.work
            // What is less than a step waits for more.
            guard work &- paid >= 8 else { return }
            try context.spend((work &- paid) &>> 3)
            paid = work
        }
    }

    // MARK: Builtins

    private static func match(_ context: BuiltinContext, _ arguments: Arguments) throws(Fault) -> Value {
        let pattern = try context.text(arguments, 0)
        let text = try context.text(arguments, 1)
        let regex = try compiled(context, pattern)
        var bill = try Bill(regex, text, context)
        let isMatch = regex.matches(text)
        try bill.pay(context)
        return .boolean(isMatch)
    }

    private static func find(_ context: BuiltinContext, _ arguments: Arguments) throws(Fault) -> Value {
        let pattern = try context.text(arguments, 0)
        let text = try context.text(arguments, 1)
        let limit = try context.integer(arguments, 2)
        let regex = try compiled(context, pattern)
        var bill = try Bill(regex, text, context)
        let space = context.space
        var list = ValueList()
        var failure: Fault?
        regex.forEachRange(in: text, limit: limit) { range in
            do throws(Fault) {
                try bill.pay(context)
                try list.append(try space.string(text.part(range.lowerBound, range.upperBound)), in: space)
                return true
            } catch {
                failure = error
                return false
            }
        }
        if let failure { throw failure }
        try bill.pay(context)
        return try space.array(list)
    }

    private static func findGroups(_ context: BuiltinContext, _ arguments: Arguments) throws(Fault) -> Value {
        let pattern = try context.text(arguments, 0)
        let text = try context.text(arguments, 1)
        let limit = try context.integer(arguments, 2)
        let regex = try compiled(context, pattern)
        var bill = try Bill(regex, text, context)
        let space = context.space
        var list = ValueList()
        var failure: Fault?
        var captures = CaptureSlots()
        regex.forEachMatch(in: text, limit: limit, captures: &captures) { slots in
            do throws(Fault) {
                try bill.pay(context)
                var groups = ValueList()
                try groups.reserve(slots.count, in: space)
                for group in 0..<slots.count {
                    let range = slots[group] ?? 0..<0
                    try groups.append(try space.string(text.part(range.lowerBound, range.upperBound)), in: space)
                }
                try list.append(try space.array(groups), in: space)
                return true
            } catch {
                failure = error
                return false
            }
        }
        if let failure { throw failure }
        try bill.pay(context)
        return try space.array(list)
    }

    private static func split(_ context: BuiltinContext, _ arguments: Arguments) throws(Fault) -> Value {
        let pattern = try context.text(arguments, 0)
        let text = try context.text(arguments, 1)
        let regex = try compiled(context, pattern)
        var bill = try Bill(regex, text, context)
        let space = context.space
        var list = ValueList()
        var failure: Fault?
        regex.split(text) { range in
            do throws(Fault) {
                try bill.pay(context)
                try list.append(try space.string(text.part(range.lowerBound, range.upperBound)), in: space)
                return true
            } catch {
                failure = error
                return false
            }
        }
        if let failure { throw failure }
        try bill.pay(context)
        return try space.array(list)
    }

    private static func replace(_ context: BuiltinContext, _ arguments: Arguments) throws(Fault) -> Value {
        let text = try context.text(arguments, 0)
        let pattern = try context.text(arguments, 1)
        let template = try context.text(arguments, 2)
        let regex = try compiled(context, pattern)
        var bill = try Bill(regex, text, context)
        let buffer = context.begin()
        let hasGroups = ByteSearch.find(UInt8(ascii: "$"), in: template, from: 0, through: template.count &- 1) >= 0
        var copied = 0
        var found = false
        var failure: Fault?
        if hasGroups {
            var captures = CaptureSlots()
            var expanded: [UInt8] = []
            regex.forEachMatch(in: text, captures: &captures) { slots in
                guard let range = slots[0] else { return false }
                found = true
                expanded.removeAll(keepingCapacity: true)
                regex.expand(template, text: text, captures: slots, into: &expanded)
                do throws(Fault) {
                    try bill.pay(context)
                    try buffer.append(text.part(copied, range.lowerBound))
                    try expanded.withUnsafeBufferPointerThrowing { (bytes) throws(Fault) in try buffer.append(bytes) }
                    try context.spend(expanded.count &>> 4)
                    copied = range.upperBound
                    return true
                } catch {
                    failure = error
                    return false
                }
            }
        } else {
            regex.forEachRange(in: text) { range in
                found = true
                do throws(Fault) {
                    try bill.pay(context)
                    try buffer.append(text.part(copied, range.lowerBound))
                    try buffer.append(template)
                    copied = range.upperBound
                    return true
                } catch {
                    failure = error
                    return false
                }
            }
        }
        if let failure { throw failure }
        try bill.pay(context)
        try context.spend(buffer.count &>> 4)
        guard found else { return arguments[0] }
        try buffer.append(text.part(copied, text.count))
        return try context.written()
    }

    private static func matchTemplate(_ context: BuiltinContext, _ arguments: Arguments) throws(Fault) -> Value {
        let template = try context.text(arguments, 0)
        let text = try context.text(arguments, 1)
        let start = try context.text(arguments, 2)
        let end = try context.text(arguments, 3)
        guard start.count == 1 else { throw delimiter(context, "start", start) }
        guard end.count == 1 else { throw delimiter(context, "end", start) }
        try context.spend(template.count)
        let pattern: [UInt8]
        do throws(RegexTemplate.Failure) {
            pattern = try RegexTemplate.pattern(for: template, start: start[0], end: end[0])
        } catch {
            throw fault(context, error.message)
        }
        let regex = try pattern.withUnsafeBufferPointerThrowing { (bytes) throws(Fault) -> Regex in
            try compiled(context, bytes)
        }
        var bill = try Bill(regex, text, context)
        let isMatch = regex.matches(text)
        try bill.pay(context)
        return .boolean(isMatch)
    }

    /// OPA tells the length of the start delimiter in bytes, whichever of the two is wrong.
    private static func delimiter(_ context: BuiltinContext, _ which: StaticString, _ text: Bytes) -> Fault {
        context.message(.builtin) { (buffer) throws(Fault) in
            try buffer.append(which)
            try buffer.append(" delimiter has to be exactly one character long but is ")
            try buffer.append(decimal: text.count)
            try buffer.append(" long")
        }
    }

    private static func intersect(_ context: BuiltinContext, _ arguments: Arguments) throws(Fault) -> Value {
        let one = try context.text(arguments, 0)
        let two = try context.text(arguments, 1)
        // The patterns' positions are tried in pairs.
        let (pairs, overflow) = one.count.multipliedReportingOverflow(by: two.count)
        try context.spend(overflow ? .max : pairs &+ one.count &+ two.count)
        do throws(GlobIntersection.Failure) {
            return .boolean(try GlobIntersection.isNonEmpty(one, two))
        } catch {
            throw fault(context, error.message)
        }
    }
}

extension [UInt8] {
    /// `withUnsafeBufferPointer` for a body that throws a fault.
    func withUnsafeBufferPointerThrowing<R>(_ body: (Bytes) throws(Fault) -> R) throws(Fault) -> R {
        let result: Result<R, Fault> = withUnsafeBufferPointer { bytes in
            do throws(Fault) { return .success(try body(bytes)) } catch { return .failure(error) }
        }
        return try result.get()
    }
}
