import Foundation
import Writ

extension TestCase {
    /// What an evaluation gave: answers as comparable texts, or an error.
    enum Result {
        case answers(Set<String>)
        case failure(code: String, text: String)
    }

    func judge() -> Judgement {
        if tags.contains("needs:test.sleep") || tags.contains("needs:resolver") { return .skipped }
        return judge(
            evaluate { prepared, snapshot, _, inputValue in
                let evaluator = prepared.makeEvaluator()
                evaluator.isStrict = isStrict
                evaluator.begin()
                var input = Value.undefined
                if inputValue.isDefined { input = try evaluator.space.copy(inputValue, from: space) }
                var texts = Set<String>()
                for answer in try evaluator.answers(to: prepared, input: input) {
                    texts.insert(
                        try Self.canonical(
                            prepared.bindings, answer.bindings, evaluator.space, sorted: sortsBindings))
                }
                return texts
            })
    }

    func judge(_ result: Result, against wanted: StaticString = "want_result") -> Judgement {
        if case .failure(let code, let text) = result, code == "writ_unsupported" { return .unsupported(text) }
        let wantedCode = text("want_error_code")
        let wantedError = text("want_error")
        if wantedCode != nil || wantedError != nil {
            guard case .failure(let code, let text) = result else {
                return .wrong("no error; want \(wantedCode ?? "") \(wantedError ?? "")")
            }
            if let wantedCode, code != wantedCode { return .wrong("code \(code) (\(text)); want \(wantedCode)") }
            if let wantedError, !wantedError.isEmpty, !text.contains(wantedError) {
                return .wrong("text \(text); want \(wantedError)")
            }
            return .passed
        }
        switch result {
        case .failure(let code, let text): return .wrong("\(code): \(text)")
        case .answers(let answers):
            let wanted = wantedAnswers(wanted)
            return answers == wanted
                ? .passed : .wrong("got \(answers.sorted()); want \(wanted.sorted())")
        }
    }

    /// Compiles the case and lets `answer` evaluate its query over base data and an input of the case's space.
    func evaluate(
        _ answer: (PreparedQuery, Snapshot, _ data: Piece, _ input: Value) throws -> Set<String>
    ) -> Result {
        var files: [PolicyFile] = []
        for (index, text) in texts("modules").enumerated() {
            files.append(PolicyFile(name: "test-\(index).rego", text: Array(text.utf8), version: version))
        }
        var options = CompileOptions(functions: TestCase.functions)
        options.queryVersion = version
        options.readYAML = TestCase.readYAML
        do {
            var data = DataBuilder()
            let document = member("data")
            if document.isDefined { try data.add(space.json(document)) }
            let piece = try data.freeze()
            // As on the command line; one category wants rules and data to overlap.
            nonisolated(unsafe) let base = data
            if !id.contains("baseandvirtualdocs") { options.dataConflicts = { base.contains($0) } }
            let policy = try Policy.compile(files, options: options)
            let snapshot = Snapshot(policy: policy, data: piece)
            var query = text("query") ?? ""
            if let term = text("input_term") { query += " with input as " + term }
            let prepared = try PreparedQuery.prepare(Array(query.utf8), for: snapshot)
            return .answers(try answer(prepared, snapshot, piece, member("input")))
        } catch let failure as CompileFailure {
            let lines = failure.diagnostics.map { diagnostic in
                Self.line(
                    diagnostic.fileName(in: failure.sources) ?? [], diagnostic.position(in: failure.sources),
                    String(describing: diagnostic.code.text), diagnostic.message)
            }
            return .failure(
                code: failure.diagnostics.first.map { String(describing: $0.code.text) } ?? "none",
                text: lines.joined(separator: "\n"))
        } catch let failure as DecisionFailure {
            return .failure(
                code: failure.code, text: Self.line(failure.file, failure.position, failure.code, failure.message))
        } catch let failure as PlanFailure {
            return .failure(code: failure.code, text: "\(failure.message) at \(failure.place)")
        } catch {
            return .failure(code: "runner", text: "\(error)")
        }
    }

    var isStrict: Bool { member("strict_error").isTrue }
    var sortsBindings: Bool { member("sort_bindings").isTrue }

    private static func line(_ file: [UInt8], _ position: Position?, _ code: String, _ message: String) -> String {
        let name = String(decoding: file, as: UTF8.self)
        guard let position else { return "\(code): \(message)" }
        return name.isEmpty
            ? "\(position.row):\(position.column): \(code): \(message)"
            : "\(name):\(position.row): \(code): \(message)"
    }

    // MARK: Comparing

    func wantedAnswers(_ key: StaticString) -> Set<String> {
        let list = space.elements(member(key))
        var wanted = Set<String>()
        for index in 0..<list.count {
            let entries = space.entries(list[index])
            var names: [String] = []
            for position in 0..<entries.count {
                names.append(String(decoding: space.bytes(entries.keys[position]), as: UTF8.self))
            }
            wanted.insert((try? Self.canonical(names, entries.values, space, sorted: sortsBindings)) ?? "?")
        }
        return wanted
    }

    /// One answer as a text that is equal for equal answers: numbers by exact value, sets as sorted arrays.
    static func canonical(_ names: [String], _ values: Elements, _ space: Space, sorted: Bool) throws -> String {
        var parts: [String] = []
        for (index, name) in names.enumerated() where !name.hasPrefix("$") && !name.hasPrefix("__local") {
            // Through JSON, so that both sides have been text: sets are arrays, keys are strings.
            let value = try space.readJSON(space.json(values[index]))
            var text: String
            if sorted, value.isArray {
                let elements = space.elements(value)
                text = (0..<elements.count).map { canonical(elements[$0], space) }.sorted().joined(separator: ",")
            } else {
                text = canonical(value, space)
            }
            text = name + "=" + text
            parts.append(text)
        }
        return parts.sorted().joined(separator: "; ")
    }

    private static func canonical(_ value: Value, _ space: Space) -> String {
        switch value.kind {
        case .number:
            if let small = space.int64(value) { return String(small) }
            return space.withNumberText(value) { NumberText.normalized(Array($0)) }
        case .array:
            let elements = space.elements(value)
            return "[" + (0..<elements.count).map { canonical(elements[$0], space) }.joined(separator: ",") + "]"
        case .object:
            let entries = space.entries(value)
            return "{"
                + (0..<entries.count).map {
                    canonical(entries.keys[$0], space) + ":" + canonical(entries.values[$0], space)
                }.joined(separator: ",") + "}"
        default: return String(decoding: (try? space.json(value)) ?? [], as: UTF8.self)
        }
    }
}

extension NumberText {
    /// A spelling that equal numbers share: digits without trailing zeros, and the exponent.
    static func normalized(_ text: [UInt8]) -> String {
        var digits = ""
        var exponent = 0
        var isNegative = false
        var seenPoint = false
        let string = String(decoding: text, as: UTF8.self).lowercased()
        let halves = string.split(separator: "e", maxSplits: 1)
        for character in halves[0] {
            if character == "-" { isNegative = true; continue }
            if character == "." { seenPoint = true; continue }
            digits.append(character)
            if seenPoint { exponent -= 1 }
        }
        if halves.count > 1 { exponent += Int(halves[1]) ?? 0 }
        while digits.hasSuffix("0"), digits.count > 1 {
            digits.removeLast()
            exponent += 1
        }
        digits = String(digits.drop { $0 == "0" })
        return (isNegative ? "-" : "") + digits + "e\(exponent)"
    }
}
