/// What a rule's variables are known to be, so that what was learned inside a comprehension can be forgotten again.
struct VariableTypes {
    /// Where to go back to.
    struct Mark { fileprivate var count: Int }

    private var types: [StaticType?] = []
    /// What changed since the outermost mark.
    private var former: [(variable: Int, type: StaticType?)] = []
    private var markCount = 0

    /// Begins with variables of which nothing is known.
    mutating func reset(_ count: Int) {
        types.removeAll(keepingCapacity: true)
        types.append(contentsOf: repeatElement(nil, count: count))
        former.removeAll(keepingCapacity: true)
        markCount = 0
    }

    subscript(variable: Int) -> StaticType? {
        get { types[variable] }
        set {
            if markCount > 0 { former.append((variable, types[variable])) }
            types[variable] = newValue
        }
    }

    /// Remembers what is known now.
    mutating func mark() -> Mark {
        markCount += 1
        return Mark(count: former.count)
    }

    /// Forgets what was learned since a mark, which stays.
    mutating func goBack(to mark: Mark) {
        while former.count > mark.count, let last = former.popLast() { types[last.variable] = last.type }
    }

    /// Forgets what was learned since a mark, and the mark. Marks are restored in turn, the last one first.
    mutating func restore(to mark: Mark) {
        goBack(to: mark)
        markCount -= 1
    }
}
