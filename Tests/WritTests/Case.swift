import Testing
import Writ

/// A policy with questions to it and the answers that OPA gives.
struct Case: Sendable, CustomTestStringConvertible {
    enum Answer: Equatable, Sendable {
        /// JSON text, spelled as it is written.
        case value(String)
        case undefined
        /// The code of the error, of compilation or of evaluation with strict builtin errors.
        case fails(String)
    }

    let name: String
    /// Modules, each beginning with its `package` line; without one a module of package `t`.
    let text: String
    let data: String?
    /// Steps below `data`, separated by `/`.
    let path: String
    let answers: [(input: String?, answer: Answer)]

    init(
        _ name: String, _ text: String, data: String? = nil, path: String = "t/p", input: String? = nil,
        gives answer: Answer
    ) {
        self.init(name, text, data: data, path: path, answers: [(input, answer)])
    }

    init(
        _ name: String, _ text: String, data: String? = nil, path: String = "t/p", answers: [(String?, Answer)]
    ) {
        self.name = name
        self.text = text
        self.data = data
        self.path = path
        self.answers = answers.map { (input: $0.0, answer: $0.1) }
    }

    var testDescription: String { name }

    /// What evaluation gives for each of the inputs.
    func run() -> [Answer] {
        let failure: Answer
        do {
            let snapshot = try snapshot(of: text, data: data)
            let target = snapshot.target(steps(path))
            let evaluator = Evaluator(snapshot)
            evaluator.isStrict = true
            return answers.map { answer(of: evaluator, target, input: $0.input) }
        } catch let error as CompileFailure {
            failure = .fails(code(of: error))
        } catch let error as DataFailure {
            failure = .fails("data: \(error.message)")
        } catch {
            failure = .fails("\(error)")
        }
        return answers.map { _ in failure }
    }
}

/// The modules of a text, cut before each `package` line.
func modules(_ text: String) -> [PolicyFile] {
    var modules: [String] = []
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
        if line.hasPrefix("package ") || modules.isEmpty {
            modules.append(line.hasPrefix("package ") ? "" : "package t\n\n")
        }
        modules[modules.count - 1] += line + "\n"
    }
    return modules.enumerated().map { PolicyFile(name: "f\($0.offset).rego", text: Array($0.element.utf8)) }
}

func snapshot(
    of text: String, data: String? = nil, options: CompileOptions = CompileOptions()
) throws -> Snapshot {
    let policy = try Policy.compile(modules(text), options: options)
    guard let data else { return Snapshot(policy: policy) }
    var builder = DataBuilder()
    try builder.add(Array(data.utf8))
    return Snapshot(policy: policy, data: try builder.freeze())
}

func steps(_ path: String) -> [[UInt8]] { path.split(separator: "/").map { Array($0.utf8) } }

/// One decision: what it gives, or the code of its failure.
func answer(of evaluator: Evaluator, _ target: DecisionTarget, input: String?) -> Case.Answer {
    var output = ByteBuffer()
    do throws(DecisionFailure) {
        let bytes = input.map { Array($0.utf8) }
        let isDefined =
            if let bytes {
                try bytes.withUnsafeBufferPointer { (text) throws(DecisionFailure) in
                    try evaluator.decide(target, input: text, into: &output)
                }
            } else {
                try evaluator.decide(target, input: nil, into: &output)
            }
        return isDefined ? .value(String(decoding: output.bytes, as: UTF8.self)) : .undefined
    } catch {
        return .fails(error.code)
    }
}

/// One decision at `t/p` of a policy and its data.
func decide(
    _ text: String, data: String? = nil, input: String? = nil, limits: DecisionLimits = DecisionLimits(),
    isStrict: Bool = false
) throws -> Case.Answer {
    let snapshot = try snapshot(of: text, data: data)
    let evaluator = Evaluator(snapshot, limits: limits)
    evaluator.isStrict = isStrict
    return answer(of: evaluator, snapshot.target(steps("t/p")), input: input)
}

/// The code of the first error.
func code(of failure: CompileFailure) -> String {
    failure.diagnostics.first.map { String(describing: $0.code.text) } ?? "no diagnostic"
}
