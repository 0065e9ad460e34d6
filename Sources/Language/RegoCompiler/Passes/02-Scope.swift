import RegoSyntax

/// What a name means at one place of a rule.
struct Meaning: Sendable {
    enum Kind: UInt8, Sendable, Comparable {
        case none
        /// Used without a declaration.
        case implicit
        case argument, assigned, declared

        static func < (a: Kind, b: Kind) -> Bool { a.rawValue < b.rawValue }
    }

    var kind = Kind.none
    var variable: Int32 = -1
    /// The frame that declares it.
    var frame: Int32 = -1
    /// The frame in which it was last used without being declared.
    var seenFrame: Int32 = -1
}

/// The variables of one rule while its names are resolved.
///
/// A table with a slot for each name holds the present meaning; leaving a frame puts the former ones back.
struct Scopes: Sendable {
    private var meanings: [Meaning]
    /// How many enclosing bodies declare the name, before or after this place: it hides rules and imports there.
    private var hidden: [Int32]
    /// Stamp of the body that declares the name itself (see `declareHere`).
    private var declaredHere: [Int32]
    private var log: [(name: Name, old: Meaning)] = []
    private var hiddenLog: [Name] = []
    private var frames: [(serial: Int32, log: Int, hidden: Int, firstVariable: Int)] = []
    private var serial: Int32 = 0
    /// Names of the rule's variables.
    var variables: [Name] = []
    /// How often each variable is used besides its declaration.
    var uses: [Int32] = []
    /// Variables declared by `some` or `every`, or assigned, in the order of their declaration.
    var declarations: [(variable: Int32, kind: Meaning.Kind)] = []

    init(nameCount: Int) {
        meanings = Array(repeating: Meaning(), count: nameCount)
        hidden = Array(repeating: 0, count: nameCount)
        declaredHere = Array(repeating: 0, count: nameCount)
    }

    var frame: Int32 { frames.last?.serial ?? 0 }

    /// Starts a rule: no variables.
    mutating func reset() {
        while !frames.isEmpty { pop() }
        variables.removeAll(keepingCapacity: true)
        uses.removeAll(keepingCapacity: true)
        declarations.removeAll(keepingCapacity: true)
    }

    mutating func push() {
        serial += 1
        frames.append((serial, log.count, hiddenLog.count, declarations.count))
    }

    /// Leaves a frame: names mean again what they meant before it.
    mutating func pop() {
        guard let frame = frames.popLast() else { return }
        while log.count > frame.log, let entry = log.popLast() { meanings[Int(entry.name.id)] = entry.old }
        while hiddenLog.count > frame.hidden, let name = hiddenLog.popLast() { hidden[Int(name.id)] -= 1 }
        declarations.removeLast(declarations.count - frame.firstVariable)
    }

    /// The declarations of the present frame.
    var ownDeclarations: ArraySlice<(variable: Int32, kind: Meaning.Kind)> {
        declarations[(frames.last?.firstVariable ?? 0)...]
    }

    mutating func newVariable(_ name: Name) -> Int32 {
        let number = Int32(truncatingIfNeeded: variables.count)
        variables.append(name)
        uses.append(0)
        return number
    }

    private func known(_ name: Name) -> Bool { Int(name.id) < meanings.count }

    func meaning(_ name: Name) -> Meaning { known(name) ? meanings[Int(name.id)] : Meaning() }

    private mutating func set(_ name: Name, _ meaning: Meaning) {
        guard known(name) else { return }
        log.append((name, meanings[Int(name.id)]))
        meanings[Int(name.id)] = meaning
    }

    // MARK: Hiding of rules and imports

    mutating func hide(_ name: Name) {
        guard known(name) else { return }
        hidden[Int(name.id)] += 1
        hiddenLog.append(name)
    }

    func isHidden(_ name: Name) -> Bool { known(name) && hidden[Int(name.id)] > 0 }

    // MARK: Variables

    /// Notes that the present frame's body declares a name, at this place or later.
    mutating func declareHere(_ name: Name) {
        guard known(name) else { return }
        declaredHere[Int(name.id)] = frame
    }

    /// Gives a name used in the present frame a variable, unless it has one or gets declared in this frame.
    mutating func bindImplicitly(_ name: Name) {
        guard known(name), meanings[Int(name.id)].kind == .none, declaredHere[Int(name.id)] != frame else { return }
        var meaning = meanings[Int(name.id)]
        meaning.kind = .implicit
        meaning.variable = newVariable(name)
        meaning.frame = frame
        set(name, meaning)
    }

    /// Notes that a name was used in the present frame other than as a variable: it cannot be declared below.
    mutating func see(_ name: Name) {
        guard known(name) else { return }
        var meaning = meanings[Int(name.id)]
        guard meaning.kind < .argument, meaning.seenFrame != frame else { return }
        meaning.seenFrame = frame
        set(name, meaning)
    }

    /// The variable behind a use of a name.
    mutating func use(_ name: Name) -> Int32 {
        guard known(name) else { return newVariable(name) }
        var meaning = meanings[Int(name.id)]
        if meaning.kind < .argument, meaning.seenFrame != frame || meaning.kind == .none {
            if meaning.kind == .none {
                meaning.kind = .implicit
                meaning.variable = newVariable(name)
                meaning.frame = frame
            }
            meaning.seenFrame = frame
            set(name, meaning)
        }
        uses[Int(meaning.variable)] += 1
        return meaning.variable
    }

    /// Makes a name in the present frame stand for an argument that has its number already (`else` branches).
    mutating func declareArgument(_ name: Name, _ variable: Int32) {
        var meaning = Meaning()
        meaning.kind = .argument
        meaning.variable = variable
        meaning.frame = frame
        set(name, meaning)
    }

    enum Clash { case referenced, assigned, declared, argument }

    /// Declares a name in the present frame, or tells why it cannot be.
    mutating func declare(_ name: Name, _ kind: Meaning.Kind) -> (variable: Int32, clash: Clash?) {
        guard known(name) else { return (newVariable(name), nil) }
        let old = meanings[Int(name.id)]
        if old.frame == frame, old.kind >= .argument {
            switch old.kind {
            case .argument: return (old.variable, .argument)
            case .assigned: return (old.variable, .assigned)
            default: return (old.variable, .declared)
            }
        }
        if old.seenFrame == frame { return (max(old.variable, 0), .referenced) }
        var meaning = Meaning()
        meaning.kind = kind
        meaning.variable = newVariable(name)
        meaning.frame = frame
        set(name, meaning)
        if kind != .argument { declarations.append((meaning.variable, kind)) }
        return (meaning.variable, nil)
    }
}
