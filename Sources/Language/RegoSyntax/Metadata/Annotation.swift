import WritSource

/// What a `# METADATA` block says, and what it says it of.
///
/// Values of free form (`custom`, `labels`, schemas) are ground terms, so that they live in the same name table as the
/// rest of the module.
public struct Annotation: Sendable {
    /// How far a block reaches.
    public enum Scope: UInt8, Sendable {
        /// One rule: the one behind the block.
        case rule
        /// All rules of the path of the rule behind the block, in all modules.
        case document
        /// All rules of a package, in all modules.
        case package
        /// A package and all packages below it.
        case subpackages

        /// The scope's name in the source.
        public var name: StaticString {
            switch self {
            case .rule: "rule"
            case .document: "document"
            case .package: "package"
            case .subpackages: "subpackages"
            }
        }
    }

    /// The statement behind a block.
    public enum Target: Equatable, Sendable {
        case package
        /// An index into `Module.rules`.
        case rule(Int)
    }

    public struct RelatedResource: Sendable {
        /// The URL, escaped where it was not.
        public var reference: Name
        public var description: Name?
    }

    /// A person; at least one of the two is there.
    public struct Author: Sendable {
        public var name: Name?
        public var email: Name?
    }

    /// A schema for the document at a path: a reference into the schemas that are loaded, or the schema itself.
    public struct Schema: Sendable {
        public var path: Ref
        /// `schema.x`
        public var schema: Ref?
        public var definition: Term?
    }

    /// What the data filters of the Compile API read.
    public struct Compilation: Sendable {
        public var unknowns: [Ref]
        /// May be relative to the package.
        public var maskRule: Ref?
    }

    /// The comments of the block, the `# METADATA` line first (a range of `Module.comments`).
    public var comments: Range<Int>
    /// From the first comment to the end of the last one.
    public var span: Span
    public var target: Target
    public var scope: Scope
    public var title: Name?
    public var description: Name?
    public var organizations: [Name] = []
    public var relatedResources: [RelatedResource] = []
    public var authors: [Author] = []
    public var schemas: [Schema] = []
    public var isEntrypoint = false
    public var compilation: Compilation?
    /// An object with at least one member.
    public var custom: Term?
    /// An object with at least one member. Decision logs show the labels of the rules that made a decision.
    public var labels: Term?

    public init(comments: Range<Int>, span: Span, target: Target, scope: Scope) {
        self.comments = comments
        self.span = span
        self.target = target
        self.scope = scope
    }
}

/// What a reader of YAML makes of a text.
public enum MetadataText: Sendable {
    /// The JSON text of the (first) document's value.
    case json([UInt8])
    /// Why it is no YAML, in the words of OPA, which name the line: `yaml: line 3: did not find expected key`.
    case failure(String)
}
