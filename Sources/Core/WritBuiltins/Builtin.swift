import WritValue

/// One builtin function: the single declaration that feeds the registry, the compiler, capabilities and docs.
public struct Builtin: Sendable {
    /// How a call is carried out.
    public enum Kind: Sendable {
        /// A function of its operands alone, run by the machine in place.
        case pure(Implementation)
        /// Answered by the host: the machine suspends (clock, randomness, network).
        case host(HostService)
        /// Has no call at run time: the compiler turns it into plan statements (`=`, `:=`, `walk`, `print`).
        case compiled
        /// Part of the language, not built yet: using it is a compile error that names it.
        case missing
    }

    /// What runs a pure builtin.
    ///
    /// Gives undefined for "no result". Throws a `Fault` of code `type` (an operand has the wrong type) or
    /// `builtin` (its content is refused): the expression is then undefined unless errors are strict. The
    /// message goes without the builtin's name, which the machine puts before it. Every operand is defined.
    public typealias Implementation = @Sendable (BuiltinContext, Arguments) throws(Fault) -> Value

    /// The dotted name as policies write it.
    public let name: StaticString
    public let parameters: [Parameter]
    public let result: Parameter
    /// One paragraph of Markdown: what it means, its errors, when it is undefined.
    public let documentation: StaticString
    /// Whether equal operands give equal results, always.
    public let isDeterministic: Bool
    /// Written between its operands: `plus` is `+`.
    public let infix: StaticString?
    public let isDeprecated: Bool
    /// A relation (`walk`): its result is a set of solutions, each unified with the last operand.
    public let isRelation: Bool
    public let kind: Kind

    public init(
        _ name: StaticString, _ parameters: [Parameter], _ result: Parameter, infix: StaticString? = nil,
        deterministic: Bool = true, deprecated: Bool = false, relation: Bool = false, _ kind: Kind,
        _ documentation: StaticString
    ) {
        self.name = name
        self.parameters = parameters
        self.result = result
        self.documentation = documentation
        self.isDeterministic = deterministic
        self.infix = infix
        self.isDeprecated = deprecated
        self.isRelation = relation
        self.kind = kind
    }
}

/// What only the host can answer.
public enum HostService: UInt8, Sendable {
    /// Nanoseconds since 1970, the same for one whole query.
    case clock
    /// A random integer for a seed string, the same for one whole query.
    case random
    /// A random UUID for a key, the same for one whole query.
    case uuid
    /// What the process says of itself.
    case runtime
    /// A line for the operator.
    case trace
    /// A function that a library outside the decision core provides: cryptography, the network, YAML, the parser.
    case function
}

/// A named operand or result.
public struct Parameter: Sendable {
    public let name: StaticString
    public let type: TypeSpec
    public let documentation: StaticString

    public init(_ name: StaticString, _ type: TypeSpec, _ documentation: StaticString = "") {
        self.name = name
        self.type = type
        self.documentation = documentation
    }
}

/// A static type, as OPA's capabilities describe them.
public indirect enum TypeSpec: Sendable {
    case any
    case null, boolean, number, string
    /// An array of any length of one type.
    case array(TypeSpec)
    /// An array of exactly these types.
    case tuple([TypeSpec])
    case set(TypeSpec)
    /// An object with any keys and values of these types.
    case dictionary(TypeSpec, TypeSpec)
    /// An object with these keys, and others as `rest` says.
    case record([(key: StaticString, type: TypeSpec)], rest: Dictionary)
    case union([TypeSpec])
    case function([TypeSpec], TypeSpec)

    public enum Dictionary: Sendable {
        case none
        indirect case of(TypeSpec, TypeSpec)
    }

    public static var anyArray: TypeSpec { .array(.any) }
    public static var anySet: TypeSpec { .set(.any) }
    public static var anyObject: TypeSpec { .dictionary(.any, .any) }
}

/// The operands of one call.
public struct Arguments: BitwiseCopyable {
    @usableFromInline let base: UnsafePointer<Value>?
    public let count: Int

    @inlinable
    public init(_ base: UnsafePointer<Value>?, count: Int) {
        self.base = base
        self.count = base == nil ? 0 : count
    }

    /// The operand at `index` (from 0), undefined beyond the last.
    @inlinable
    public subscript(_ index: Int) -> Value {
        guard let base, UInt(bitPattern: index) < UInt(bitPattern: count) else { return .undefined }
        return base[index]
    }
}
