import RegoSyntax
import WritBuiltins
import WritVM

/// The builtins that a library outside the decision core provides: cryptography, the network, YAML, the parser.
///
/// A policy is compiled with a set of them and calls only what is in it; anything else of the kind is a compile
/// error that names it. The façade's own are in `standard`; the package's other libraries add theirs.
public struct HostFunctions: Sendable {
    /// Answers one call.
    ///
    /// Gives undefined for "no result". Throws a `Fault` of code `type` or `builtin` for refused operands; its
    /// message goes without the builtin's name, which is put before it. Every operand is defined. Operands and
    /// result live in the context's space.
    public typealias Function = @Sendable (HostContext, Arguments) throws(Fault) -> Value

    /// The operands of one call.
    public typealias Arguments = WritBuiltins.Arguments

    /// Answers one call, at once or after waiting for something outside; else as `Function`.
    public typealias WaitingFunction = @Sendable (HostContext, Arguments) throws(Fault) -> HostReply

    /// By the builtin's number in the registry.
    private var functions: [WaitingFunction?] = []

    /// Reads the YAML of metadata blocks; without it nothing is said of any rule (see `ParserOptions.readYAML`).
    public var readYAML: (@Sendable ([UInt8]) -> MetadataText)?

    /// How much is kept from decision to decision.
    public var keptValues = KeptValues()

    /// None at all.
    public init() {}

    /// What needs no library: `graphql.*` and `rego.parse_module`.
    public static let standard: HostFunctions = {
        var functions = HostFunctions()
        GraphQLFunctions.add(to: &functions)
        functions.provideParser()
        return functions
    }()

    /// Provides the builtin of this name. Names that the registry does not have are ignored.
    public mutating func provide(_ name: StaticString, _ function: @escaping Function) {
        provideWaiting(name) { (context, arguments) throws(Fault) in .value(try function(context, arguments)) }
    }

    /// Provides a builtin that may have to wait for something outside. Names that the registry does not have are
    /// ignored.
    public mutating func provideWaiting(_ name: StaticString, _ function: @escaping WaitingFunction) {
        let bytes = UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount)
        guard let number = Registry.find(bytes), case .host(.function) = Registry.all[number].kind else { return }
        if functions.isEmpty { functions = Array(repeating: nil, count: Registry.all.count) }
        functions[number] = function
    }

    /// Adds all that another set provides; its functions win.
    public mutating func add(_ other: HostFunctions) {
        if functions.isEmpty { functions = Array(repeating: nil, count: Registry.all.count) }
        for (number, function) in other.functions.enumerated() {
            if let function { functions[number] = function }
        }
        readYAML = other.readYAML ?? readYAML
    }

    /// The set without the builtins of these names.
    func without(_ names: [StaticString]) -> HostFunctions {
        var result = self
        for name in names {
            let bytes = UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount)
            guard let number = Registry.find(bytes), functions.indices.contains(number) else { continue }
            result.functions[number] = nil
        }
        return result
    }

    /// What answers for a builtin, by its number in the registry.
    subscript(_ builtin: Int) -> WaitingFunction? { functions.indices.contains(builtin) ? functions[builtin] : nil }
}

/// Bounds of what an evaluator keeps from decision to decision because it is costly to make. Nil: a bound of its own.
public struct KeptValues: Sendable {
    /// Compiled patterns of `regex.*`, of `glob.*`, and JSON schemas: so many of each at most.
    public var patterns: Int?
    /// Keys, and keyed hashes of shared secrets, under which tokens are verified: so many of each at most.
    public var tokenKeys: Int?

    public init(patterns: Int? = nil, tokenKeys: Int? = nil) {
        self.patterns = patterns
        self.tokenKeys = tokenKeys
    }
}

/// What the host functions of one evaluator work with. Not thread-safe.
public final class HostContext {
    /// Where operands lie and results are made.
    public let space: Space
    private let builtins: BuiltinContext
    private var now: Int64?
    /// What functions keep for the rest of the query, by a key of their own.
    public var queryCache: [[UInt8]: any Sendable] = [:]
    /// What the evaluator's host attached to the decision (see `Evaluator.attachment`).
    public internal(set) var attachment: (any Sendable)?
    private var states: [any AnyObject] = []
    /// What functions counted since the query began, by name; for metrics.
    public private(set) var counters: [(name: StaticString, count: Int)] = []
    /// What is kept for functions of the evaluation's memory.
    private var charged = 0
    /// How much functions may keep from decision to decision.
    public let keptValues: KeptValues

    init(_ builtins: BuiltinContext, _ keptValues: KeptValues) {
        self.builtins = builtins
        self.keptValues = keptValues
        if let patterns = keptValues.patterns { builtins.limitKept(patterns) }
        space = builtins.space
    }

    func begin() {
        now = nil
        space.discharge(charged)
        charged = 0
        if !counters.isEmpty { counters.removeAll(keepingCapacity: true) }
        if !queryCache.isEmpty { queryCache.removeAll(keepingCapacity: true) }
    }

    /// What a family of functions keeps from query to query on this evaluator, made on first use. The family sees to
    /// it that it stays small.
    public func state<State: AnyObject>(_ make: () -> State) -> State {
        for state in states {
            if let state = state as? State { return state }
        }
        let state = make()
        states.append(state)
        return state
    }

    /// The wall clock, in nanoseconds since 1970, the same for the whole of one query.
    public func clock() -> Int64 {
        let time = now ?? HostServices.wallClock()
        now = time
        return time
    }

    /// Counts one event of this name.
    public func count(_ name: StaticString) {
        for index in counters.indices where counters[index].name.utf8Start == name.utf8Start {
            counters[index].count += 1
            return
        }
        counters.append((name, 1))
    }

    /// Takes bytes that are kept until the query ends from the evaluation's memory. Throws `memoryLimit`.
    public func charge(_ bytes: Int) throws(Fault) {
        try space.charge(bytes)
        charged += bytes
    }

    /// Pays for `count` units of work (elements visited, bytes read). Throws `stepLimit`.
    public func spend(_ count: Int) throws(Fault) { try builtins.spend(count) }

    /// The error for an operand of the wrong type: `operand 1 must be string but got number`.
    public func typeError(_ position: Int, _ expected: StaticString, got value: Value) -> Fault {
        builtins.typeError(position, expected, got: value)
    }

    /// The error for an operand whose content is refused.
    public func error(_ message: String) -> Fault {
        Fault(.builtin, message: (try? space.string(Array(message.utf8))) ?? .undefined)
    }

    /// The bytes of the string operand at `index` (from 0).
    public func text(_ arguments: Arguments, _ index: Int) throws(Fault) -> [UInt8] {
        guard arguments[index].isString else { throw typeError(index + 1, "string", got: arguments[index]) }
        return space.bytes(arguments[index])
    }

    /// The fault with the builtin's name before its message.
    func named(_ fault: Fault, _ builtin: Int) -> Fault {
        guard fault.isBuiltinError else { return fault }
        var text = TextBuilder()
        text.append(Registry.all[builtin].name)
        text.append(": ")
        text.append(fault.message, in: space)
        return Fault(fault.code, message: text.value(in: space))
    }
}
