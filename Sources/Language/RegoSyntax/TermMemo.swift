/// Terms read before, for when the parser goes back and comes to their place again.
///
/// `recent` is part of the language's error reports: OPA keeps the last term of each nesting, and taking one from there
/// brings back the errors as they were behind it. `all` only saves time: without it nested terms would be read again
/// and again, twice as often with each level.
struct TermMemo {
    private struct Entry {
        var offset: UInt32
        var term: Term?
        /// The state behind the term.
        var after: Parser.State
        /// What the state before it had.
        var errors: UInt32
        var wildcards: UInt32
    }

    /// Ascending offsets. A new entry takes the place of those at or behind its own offset.
    private var recent: [Entry] = []
    private var all: [Entry] = []
    /// For each offset the number of its entry in `all`, counted from the first ever; those below `base` are gone.
    private var slots: [UInt32]
    private var base: UInt32 = 1

    init(size: Int) { slots = [UInt32](repeating: 0, count: size) }

    /// The term at the place of `state` and the state behind it, if the term was read before.
    @inline(never)
    func find(_ state: Parser.State) -> (term: Term?, after: Parser.State)? {
        var index = recent.count - 1
        while index >= 0, Int(recent[index].offset) >= state.start {
            if Int(recent[index].offset) == state.start { return (recent[index].term, recent[index].after) }
            index -= 1
        }
        guard state.start < slots.count, slots[state.start] >= base else { return nil }
        let entry = all[Int(slots[state.start] - base)]
        // The entry holds where its reading would go the same way again.
        var after = entry.after
        if entry.wildcards == after.wildcards {
            after.wildcards = state.wildcards
        } else if entry.wildcards != state.wildcards {
            return nil
        }
        if Int(entry.errors) == after.errorCount {
            after.takeErrors(of: state)
        } else if Int(entry.errors) != state.errorCount {
            return nil
        }
        return (entry.term, after)
    }

    /// Notes a term (nil: none could be read) that was read from `offset` on.
    @inline(never)
    mutating func add(
        _ term: Term?, at offset: Int, errors: Int, wildcards: UInt32, after: Parser.State, isComposite: Bool
    ) {
        let entry = Entry(
            offset: UInt32(truncatingIfNeeded: offset), term: term, after: after,
            errors: UInt32(truncatingIfNeeded: errors), wildcards: wildcards)
        while let last = recent.last, Int(last.offset) >= offset { recent.removeLast() }
        recent.append(entry)
        guard isComposite, offset < slots.count else { return }
        slots[offset] = base + UInt32(truncatingIfNeeded: all.count)
        all.append(entry)
    }

    /// Forgets everything: a statement is complete, nothing goes back behind it.
    mutating func clear() {
        recent.removeAll(keepingCapacity: true)
        guard !all.isEmpty else { return }
        base += UInt32(truncatingIfNeeded: all.count)
        all.removeAll(keepingCapacity: true)
    }
}
