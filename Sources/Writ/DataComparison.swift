/// A place where two data differ.
public struct DataDifference: Sendable {
    public enum Kind: Sendable { case added, removed, changed }

    public var kind: Kind
    /// The steps below `data`; indexes of arrays are not steps: an array differs as a whole.
    public var path: [[UInt8]]
    /// JSON of what was there and of what is there now, where there was and is something.
    public var old: [UInt8]?
    public var new: [UInt8]?
}

extension DataBuilder {
    /// Where this data differs from older data, in the order of keys. Numbers are the same where their text is.
    public func differences(from old: borrowing DataBuilder) throws(DataFailure) -> [DataDifference] {
        var found: [DataDifference] = []
        do throws(Fault) {
            try Self.compare(old.root, old.space, root, space, [], &found, depth: 0)
        } catch { throw DataFailure(reason: .limit, message: DecisionFailure.message(of: error.code)) }
        return found
    }

    private static func compare(
        _ old: Value, _ oldSpace: Space, _ new: Value, _ newSpace: Space, _ path: [[UInt8]],
        _ found: inout [DataDifference], depth: Int
    ) throws(Fault) {
        guard old.isObject, new.isObject, depth < Space.depthLimit else {
            let (before, after) = (try oldSpace.json(old), try newSpace.json(new))
            guard before != after else { return }
            found.append(DataDifference(kind: .changed, path: path, old: before, new: after))
            return
        }
        let (before, after) = (oldSpace.entries(old), newSpace.entries(new))
        var (i, j) = (0, 0)
        // Keys of objects are in order.
        while i < before.count || j < after.count {
            let a = i < before.count ? oldSpace.bytes(before.keys[i]) : nil
            let b = j < after.count ? newSpace.bytes(after.keys[j]) : nil
            if let a, b == nil || b.map({ a.lexicographicallyPrecedes($0) }) == true {
                let json = try oldSpace.json(before.values[i])
                found.append(DataDifference(kind: .removed, path: path + [a], old: json, new: nil))
                i += 1
            } else if let b, a != b {
                let json = try newSpace.json(after.values[j])
                found.append(DataDifference(kind: .added, path: path + [b], old: nil, new: json))
                j += 1
            } else if let a {
                try compare(
                    before.values[i], oldSpace, after.values[j], newSpace, path + [a], &found, depth: depth + 1)
                i += 1
                j += 1
            }
        }
    }
}
