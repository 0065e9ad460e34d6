import RegoSyntax
import WritPlan
import WritSource

/// What lowering knows while it is inside one function.
struct FunctionState {
    var emitter: Emitter
    /// Where each variable of the rule at hand lies; nil while unbound.
    var bindings: [Operand?]
    /// The names of the rule's variables.
    var variables: [Name]
    /// The plan function being made, for purity.
    let number: Int

    init(parameters: Int, number: Int) {
        emitter = Emitter(parameters: parameters)
        bindings = []
        variables = []
        self.number = number
    }

    mutating func begin(variables: [Name]) {
        self.variables = variables
        bindings = [Operand?](repeating: nil, count: variables.count)
    }

    /// Where a variable lies; nil while it is unbound.
    subscript(_ variable: Variable) -> Operand? {
        bindings.indices.contains(variable.int) ? bindings[variable.int] : nil
    }

    func isUnbound(_ variable: Variable) -> Bool { self[variable] == nil }

    mutating func bind(_ variable: Variable, _ operand: Operand) {
        guard variable.int >= 0 else { return }
        while bindings.count <= variable.int { bindings.append(nil) }
        bindings[variable.int] = operand
    }
}
