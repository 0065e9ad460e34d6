/// What making the trees may take. OPA's ways of ordering bodies and of naming variables take quadratic time and more in
/// what a module may say: nested `every` in comprehensions doubles the work with each level.
public final class ViewSteps {
    /// Seconds at most: between 0.7 and 5.5 on a slow core, by what is long.
    public static let most = 20_000_000
    /// What a generated name costs: memory for as long as the trees are made.
    static let ofName = 20
    /// What walking over an `every` once more costs: few modules have thousands, but they multiply.
    static let ofSecondWalk = 500

    private var left: Int

    init(_ count: Int) { left = count }

    var areSpent: Bool { left <= 0 }

    func take(_ count: Int) { left = max(0, left &- count) }
}
