import WritBuiltins
import WritPlan
import WritVM

/// A policy as OPA's intermediate representation (the plan.json of `opa build -t plan`), read and ready to run.
///
/// Immutable; any number of evaluators use it at once.
public final class PlanDocument: Sendable {
    let plan: Plan
    let program: Program
    let functions: HostFunctions

    /// Reads the JSON text of a plan.
    ///
    /// `functions` are the builtins that need a library outside the decision core.
    /// Throws `writ_unsupported` for builtins that neither this build nor `functions` has, `writ_plan_error` with the place in
    /// the document for everything that is no plan.
    public init(reading json: [UInt8], functions: HostFunctions = .standard) throws(PlanFailure) {
        self.functions = functions
        do throws(PlanError) {
            plan = try Plan.read(opa: json) { Self.builtin($0, functions) }
            try plan.validate { Registry.all.indices.contains($0) ? Registry.all[$0].parameters.count : nil }
        } catch {
            throw PlanFailure(error)
        }
        do throws(Fault) { program = try Program.assemble(plan) } catch {
            throw PlanFailure(
                code: PlanFailure.code, message: DecisionFailure.message(of: error.code), place: "")
        }
    }

    /// The names of the plans that can be evaluated, in the document's order.
    public var names: [String] { plan.entrypoints.map { String(decoding: $0.name, as: UTF8.self) } }

    /// What Writ makes of it, as text for people.
    public var text: String {
        let bytes = plan.text { builtin in
            guard Registry.all.indices.contains(builtin) else { return nil }
            return Registry.all[builtin].name.withUTF8Buffer { Array($0) }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// An evaluator over base data (nil: an empty object).
    public func makeEvaluator(data: Piece? = nil, limits: Limits = Limits()) -> PlanEvaluator {
        PlanEvaluator(self, data: data, limits: limits)
    }

    private static func builtin(_ name: [UInt8], _ functions: HostFunctions) -> PlanBuiltin? {
        guard let number = Registry.find(name) else { return nil }
        let builtin = Registry.all[number]
        var kind: PlanBuiltin.Kind
        switch builtin.kind {
        case .pure: kind = .pure
        case .host(.function): kind = functions[number] == nil ? .missing : .host
        case .host: kind = .host
        case .missing, .compiled: kind = .missing
        }
        if name == Array("walk".utf8) { kind = .walk }
        if name == Array("internal.print".utf8) { kind = .print }
        if name == Array("internal.test_case".utf8) { kind = .mark }
        return PlanBuiltin(number: number, operandCount: builtin.parameters.count, kind: kind)
    }
}

/// Why a plan cannot be used.
public struct PlanFailure: Error, Sendable {
    static let code = "writ_plan_error"

    /// `writ_plan_error`, or `writ_unsupported` for what this build does not have.
    public let code: String
    public let message: String
    /// A path in the document, such as `funcs.funcs[2].blocks[0]`; empty for the whole.
    public let place: String

    init(code: String, message: String, place: String) {
        self.code = code
        self.message = message
        self.place = place
    }

    init(_ error: PlanError) {
        code = error.reason == .unsupported ? "writ_unsupported" : Self.code
        message = String(decoding: error.message, as: UTF8.self)
        place = String(decoding: error.place, as: UTF8.self)
    }
}

/// Evaluates the plans of one document over one piece of data, one at a time. Not thread-safe.
public final class PlanEvaluator {
    public let document: PlanDocument
    private let machine: Machine
    private let services: HostServices

    init(_ document: PlanDocument, data: Piece?, limits: Limits) {
        self.document = document
        machine = Machine(program: document.program, data: data, limits: limits)
        services = HostServices(document.functions, machine.builtins)
        machine.builtins.loadTimeZone = TimeZones.load
    }

    /// Builtin errors end an evaluation rather than make their expression undefined.
    public var isStrict: Bool {
        get { machine.isStrict }
        set { machine.isStrict = newValue }
    }

    /// The space that inputs are made in and results lie in, until the next `begin`.
    public var space: Space { machine.space }

    /// Forgets the evaluation before. Its values are dead.
    public func begin() {
        machine.begin()
        services.begin()
    }

    /// The result set of a plan: an object of bindings each, every one once, for an input made in `space` after
    /// `begin` (undefined for none). Throws `writ_plan_error` when the document has no plan of this name.
    public func results(of name: String, input: Value) throws(DecisionFailure) -> [Value] {
        guard let function = document.program.entrypoint(Array(name.utf8)) else {
            throw DecisionFailure(code: PlanFailure.code, message: "the document has no plan `\(name)`")
        }
        do throws(Fault) {
            var outcome = try machine.start(function, input: input)
            while case .suspended(let call) = outcome {
                let answer: Value
                do throws(Fault) {
                    answer = try services.answerHolding(call, machine.space) { machine.builtins.poll?() != nil }
                } catch {
                    outcome = try machine.resume(after: error)
                    continue
                }
                outcome = try machine.resume(with: answer)
            }
        } catch {
            throw failure(error)
        }
        var results: [Value] = []
        let found = machine.results
        for index in 0..<found.count where !results.contains(where: { space.equal($0, found[index]) }) {
            results.append(found[index])
        }
        return results
    }

    /// Plans name files, rows and columns; there is no text to point into.
    private func failure(_ fault: Fault) -> DecisionFailure {
        let range = machine.faultRange
        let text = String(decoding: space.bytes(fault.message), as: UTF8.self)
        let files = document.plan.sources
        let isKnown = range.file != .max && Int(range.file) < files.count
        return DecisionFailure(
            code: DecisionFailure.code(of: fault.code),
            message: text.isEmpty ? DecisionFailure.message(of: fault.code) : text,
            position: isKnown ? Position(row: Int(range.start), column: Int(range.end)) : nil,
            file: isKnown ? files[Int(range.file)] : [])
    }
}
