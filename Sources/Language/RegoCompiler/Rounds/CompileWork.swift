/// What a compilation did, counted: the same on every machine, so that tests can hold it.
public struct CompileWork: Equatable, Sendable {
    /// Bytes of text lexed and parsed.
    public var bytesParsed = 0
    /// Heads put into the rule tree and into groups.
    public var headsCollected = 0
    /// Expressions whose names were resolved and that were ordered, those inside of others included.
    public var expressionsResolved = 0
    /// Expressions whose types were inferred.
    public var expressionsTyped = 0
    /// Statements of the plan that were made.
    public var statementsLowered = 0
    /// Instructions that were made.
    public var instructionsAssembled = 0
    /// Entries of summaries and tables that were looked at or copied: questions, edges, types kept, functions kept.
    public var linked = 0

    public init() {}

    /// All of it in one unit, about a nanosecond each: the counts weighted with what each cost when a release build
    /// compiled 10,000 rules under a profiler.
    public var total: Int {
        bytesParsed * Self.perByte + headsCollected * Self.perHead + expressionsResolved * Self.perResolved
            + expressionsTyped * Self.perTyped + statementsLowered * Self.perStatement
            + instructionsAssembled * Self.perInstruction + linked * Self.perEntry
    }

    private static var perByte: Int { 50 }
    private static var perHead: Int { 800 }
    private static var perResolved: Int { 2_500 }
    private static var perTyped: Int { 600 }
    private static var perStatement: Int { 550 }
    private static var perInstruction: Int { 130 }
    private static var perEntry: Int { 30 }

    /// What was done since `earlier`.
    public func since(_ earlier: CompileWork) -> CompileWork {
        var rest = self
        rest.bytesParsed -= earlier.bytesParsed
        rest.headsCollected -= earlier.headsCollected
        rest.expressionsResolved -= earlier.expressionsResolved
        rest.expressionsTyped -= earlier.expressionsTyped
        rest.statementsLowered -= earlier.statementsLowered
        rest.instructionsAssembled -= earlier.instructionsAssembled
        rest.linked -= earlier.linked
        return rest
    }

    public static func + (a: CompileWork, b: CompileWork) -> CompileWork {
        var sum = a
        sum.bytesParsed += b.bytesParsed
        sum.headsCollected += b.headsCollected
        sum.expressionsResolved += b.expressionsResolved
        sum.expressionsTyped += b.expressionsTyped
        sum.statementsLowered += b.statementsLowered
        sum.instructionsAssembled += b.instructionsAssembled
        sum.linked += b.linked
        return sum
    }
}
