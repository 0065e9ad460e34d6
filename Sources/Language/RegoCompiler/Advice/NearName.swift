/// Names that may have been meant.
enum NearName {
    /// The name most like another, if one is like it: at most a third of its letters differ, and not by nothing.
    static func find(_ word: [UInt8], among names: [[UInt8]]) -> [UInt8]? {
        guard word.count >= 2, word.count <= 64 else { return nil }
        let most = max(1, word.count / 3)
        var best: (name: [UInt8], distance: Int)?
        for name in names where abs(name.count - word.count) <= most {
            let distance = distance(word, name)
            guard distance > 0, distance <= most else { continue }
            if let known = best {
                if distance > known.distance { continue }
                if distance == known.distance, !name.lexicographicallyPrecedes(known.name) { continue }
            }
            best = (name, distance)
        }
        return best?.name
    }

    /// Insertions, deletions, replacements and swaps of neighbours between two words.
    private static func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
        var before: [Int] = []
        var previous = Array(0...b.count)
        for i in 0..<a.count {
            var current = [i + 1]
            for j in 0..<b.count {
                var cost = min(previous[j + 1] + 1, current[j] + 1, previous[j] + (a[i] == b[j] ? 0 : 1))
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { cost = min(cost, before[j - 1] + 1) }
                current.append(cost)
            }
            before = previous
            previous = current
        }
        return previous.last ?? 0
    }
}
