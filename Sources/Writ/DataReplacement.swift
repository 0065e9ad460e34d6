import WritVM

// What replacing a part of base data needs: a bundle's documents, beside those of others.
extension DataBuilder {
    /// Adds what other data has outside some paths, the root for an empty one. Throws a conflict where both have
    /// something that is no object.
    public mutating func keep(_ data: Piece, outside paths: [[[UInt8]]]) throws(DataFailure) {
        guard !paths.contains(where: \.isEmpty) else { return }
        do throws(Fault) {
            var kept = space.root(of: data, attachedAs: space.attach(data))
            for path in paths { kept = try space.removing(kept, path[...]) }
            guard kept.isObject, !conflictsWith(kept) else { throw Fault(.conflict) }
            root = try space.merged(root, kept)
            try space.check()
        } catch {
            guard error.code == .conflict else {
                throw DataFailure(reason: .limit, message: DecisionFailure.message(of: error.code))
            }
            throw DataFailure(reason: .conflict, message: "merge error")
        }
    }

    /// Takes a document away, where there is one.
    public mutating func remove(at path: [[UInt8]]) throws(DataFailure) {
        do throws(Fault) {
            root = path.isEmpty ? .emptyObject : try space.removing(root, path[...])
            try space.check()
        } catch {
            throw DataFailure(reason: .limit, message: DecisionFailure.message(of: error.code))
        }
    }

}

extension DataTransaction {
    /// Adds what other data has outside some paths, as a `DataBuilder` does; what does not change stays where it is, also
    /// where that is a mapped file. Throws `writeConflict` where both have something that is no object.
    public mutating func keep(_ data: Piece, outside paths: [[[UInt8]]]) throws(StoreFailure) {
        guard !paths.contains(where: \.isEmpty) else { return }
        do throws(Fault) {
            var kept = space.root(of: data, attachedAs: space.attach(data))
            for path in paths { kept = try space.removing(kept, path[...]) }
            guard kept.isObject, !space.conflict(root, kept) else { throw Fault(.conflict) }
            root = try space.merged(root, kept)
            joined.append(data)
            try space.check()
        } catch {
            guard error.code == .conflict else {
                throw StoreFailure(.limit, DecisionFailure.message(of: error.code))
            }
            throw StoreFailure(.writeConflict, "merge error")
        }
    }
}

extension Space {
    /// A value without what is at a path.
    fileprivate func removing(_ value: Value, _ path: ArraySlice<[UInt8]>) throws(Fault) -> Value {
        guard let step = path.first, value.isObject else { return value }
        let key = try string(step)
        let member = member(value, key)
        guard member.isDefined else { return value }
        let rest = path.dropFirst()
        return try setting(value, key, to: rest.isEmpty ? .undefined : removing(member, rest))
    }
}
