import WritBuiltins
import WritPlan
import WritValue

@testable import WritVM

// Plans are written by hand here: a number stands for the register of that number.

extension Local: ExpressibleByIntegerLiteral {
    public init(integerLiteral value: Int) { self.init(value) }
}

extension Operand: ExpressibleByIntegerLiteral {
    public init(integerLiteral value: Int) { self = .local(Local(value)) }
}

extension FunctionID: ExpressibleByIntegerLiteral {
    public init(integerLiteral value: Int) { self.init(value) }
}

extension Block: ExpressibleByArrayLiteral {
    public init(arrayLiteral kinds: Statement.Kind...) {
        self.init(kinds.map { Statement($0, SourceRange(file: 0, start: 0, end: 1)) })
    }
}

extension PlanBuilder {
    /// The number of a constant of JSON text.
    mutating func number(_ json: String) -> Int32 {
        do throws(JSONError) {
            return constant(try space.readJSON(Array(json.utf8)))
        } catch {
            return .max
        }
    }

    /// A constant of JSON text.
    mutating func json(_ json: String) -> Operand { .constant(number(json)) }

    /// Adds a function with 40 registers whose result is what register 0 holds at its end.
    @discardableResult
    mutating func function(
        _ body: Block, parameters: Int = 0, kind: Function.Kind = .rule, memo: Function.Memo = .never,
        result: Local? = 0
    ) -> FunctionID {
        let function = Function(
            kind: kind, name: Array("data.f\(plan.functions.count)".utf8), parameterCount: parameters, localCount: 40,
            body: body, result: result, memo: memo, reads: [], range: .none)
        plan.functions.append(function)
        return FunctionID(plan.functions.count - 1)
    }
}

/// The number of a builtin.
func builtin(_ name: String) -> Int { Registry.find(Array(name.utf8)) ?? -1 }

/// What a run of a plan gave.
enum Given: Equatable, Sendable {
    case value(String)
    case undefined
    case fails(Fault.Code)
    case suspended(String)
}

/// Builds a plan, its last function being the one to start.
func assemble(traced: Bool = false, _ build: (inout PlanBuilder) -> Void) throws -> Program {
    var builder = PlanBuilder()
    build(&builder)
    return try Program.assemble(try builder.finish(), traced: traced)
}

extension Machine {
    convenience init(_ program: Program, data: String? = nil, limits: Limits = Limits()) throws {
        guard let data else {
            self.init(program: program, data: nil, limits: limits)
            return
        }
        let space = Space.create()
        defer { space.destroy() }
        self.init(
            program: program, data: try Piece(freezing: try space.readJSON(Array(data.utf8)), of: space), limits: limits
        )
    }

    var last: FunctionID { FunctionID(program.functions.count - 1) }

    /// Runs the last function.
    func run(input: String? = nil) throws -> Given {
        begin()
        var document = Value.undefined
        if let input { document = try space.readJSON(Array(input.utf8)) }
        let start = last
        return try given { () throws(Fault) in try self.start(start, input: document) }
    }

    func given(_ body: () throws(Fault) -> Outcome) throws -> Given {
        let outcome: Outcome
        do throws(Fault) { outcome = try body() } catch { return .fails(error.code) }
        switch outcome {
        case .finished(let value):
            return value.isUndefined ? .undefined : .value(String(decoding: try space.json(value), as: UTF8.self))
        case .suspended(let call):
            return .suspended(String(decoding: Array("\(Registry.all[call.builtin].name)".utf8), as: UTF8.self))
        }
    }
}
