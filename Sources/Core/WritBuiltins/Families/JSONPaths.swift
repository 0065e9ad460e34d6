import WritValue

/// Paths into documents as `json.filter`, `json.remove` and `json.patch` take them: "a/b~1c" or ["a", "b/c"].
enum JSONPath {
    /// The segments of a path. Throws a type error for anything but a string or an array.
    static func segments(_ path: Value, _ context: BuiltinContext) throws(Fault) -> [Value] {
        if path.isArray {
            let elements = context.space.elements(path)
            try context.spend(elements.count)
            var result: [Value] = []
            result.reserveCapacity(elements.count)
            for index in 0..<elements.count { result.append(elements[index]) }
            return result
        }
        guard path.isString else {
            throw context.typeError(
                2, "one of {set, array} containing string paths or array of path segments", got: path)
        }
        let text = context.space.bytes(path)
        try context.spend(text.count &>> 3)
        guard text.count > 0 else { return [] }
        var start = 0
        while start < text.count, text[start] == UInt8(ascii: "/") { start += 1 }
        var result: [Value] = []
        var segment: [UInt8] = []
        for index in start...text.count {
            if index < text.count, text[index] != UInt8(ascii: "/") {
                segment.append(text[index])
            } else {
                result.append(try context.space.string(unescaped(segment)))
                segment.removeAll(keepingCapacity: true)
            }
        }
        return result
    }

    /// "~1" stands for "/" and, after that is done, "~0" for "~".
    private static func unescaped(_ segment: [UInt8]) -> [UInt8] {
        guard segment.contains(UInt8(ascii: "~")) else { return segment }
        var result: [UInt8] = []
        var index = 0
        while index < segment.count {
            let byte = segment[index]
            let next = index + 1 < segment.count ? segment[index + 1] : 0
            if byte == UInt8(ascii: "~"), next == UInt8(ascii: "0") || next == UInt8(ascii: "1") {
                result.append(next == UInt8(ascii: "0") ? byte : UInt8(ascii: "/"))
                index += 2
            } else {
                result.append(byte)
                index += 1
            }
        }
        return result
    }

    /// The position that a segment names in an array of documents to filter: a string of digits as Go prints them.
    static func position(_ segment: Value, _ space: Space) -> Int? {
        guard segment.isString else { return nil }
        return space.withBytes(segment) { bytes in
            guard bytes.count > 0, bytes.count < 10, bytes.count == 1 || bytes[0] != UInt8(ascii: "0") else {
                return nil
            }
            var result = 0
            for byte in bytes {
                guard byte &- UInt8(ascii: "0") < 10 else { return nil }
                result = result * 10 + Int(byte &- UInt8(ascii: "0"))
            }
            return result
        }
    }
}

/// `json.filter` and `json.remove`: all paths are sorted, so that the document is walked once.
struct PathSelection {
    private let context: BuiltinContext
    private let paths: [[Value]]
    private let keeps: Bool

    /// Gives `object` with only the paths kept, or with the paths removed.
    static func apply(
        _ context: BuiltinContext, _ arguments: Arguments, keeping: Bool
    ) throws(Fault) -> Value {
        let object = try arguments.object(0, context)
        let listed = try arguments.elements(1, context)
        var paths: [[Value]] = []
        paths.reserveCapacity(listed.count)
        for index in 0..<listed.count {
            let path = try JSONPath.segments(listed[index], context)
            if !path.isEmpty { paths.append(path) }
        }
        let space = context.space
        paths.sort { one, two in
            for index in 0..<min(one.count, two.count) {
                let order = space.compare(one[index], two[index])
                if order != 0 { return order < 0 }
            }
            return one.count < two.count
        }
        try space.check()
        let selection = PathSelection(context: context, paths: paths, keeps: keeping)
        return try selection.select(object, 0..<paths.count, depth: 0)
    }

    /// `value` under the paths of a range, which agree in their first `depth` segments and are all longer.
    private func select(_ value: Value, _ range: Range<Int>, depth: Int) throws(Fault) -> Value {
        guard depth < Space.depthLimit else { throw Fault(.depthLimit) }
        switch value.kind {
        case .object: return try keeps ? filteredObject(value, range, depth) : reducedObject(value, range, depth)
        case .array: return try array(value, range, depth)
        case .set: return try keeps ? filteredSet(value, range, depth) : reducedSet(value, range, depth)
        default: return value
        }
    }

    /// The paths from `start` on with the same segment at `depth`.
    private func group(_ start: Int, _ range: Range<Int>, _ depth: Int) -> Range<Int> {
        var end = start + 1
        while end < range.upperBound, context.space.equal(paths[start][depth], paths[end][depth]) { end += 1 }
        return start..<end
    }

    /// How many different segments the paths of a range have at `depth`.
    private func groups(_ range: Range<Int>, _ depth: Int) -> Int {
        var count = 0
        var start = range.lowerBound
        while start < range.upperBound {
            start = group(start, range, depth).upperBound
            count += 1
        }
        return count
    }

    /// What the paths of a group leave of a child; undefined when nothing.
    private func child(_ value: Value, _ group: Range<Int>, _ depth: Int) throws(Fault) -> Value {
        try context.spend(group.count)
        // The shortest path comes first, and takes all that lies below it.
        if paths[group.lowerBound].count == depth + 1 { return keeps ? value : .undefined }
        return try select(value, group, depth: depth + 1)
    }

    private func filteredObject(_ object: Value, _ range: Range<Int>, _ depth: Int) throws(Fault) -> Value {
        var list = ValueList()
        let keepsSpelling = groups(range, depth) <= object.count
        var start = range.lowerBound
        while start < range.upperBound {
            let group = group(start, range, depth)
            start = group.upperBound
            var key = paths[group.lowerBound][depth]
            let found = context.space.member(object, key)
            guard found.isDefined else { continue }
            // As in OPA, keys are the object's unless more are asked for than it has.
            if keepsSpelling, key.isNumber { key = spelling(of: key, in: object) }
            try list.append(key, in: context.space)
            try list.append(try child(found, group, depth), in: context.space)
        }
        return try context.space.object(pairs: list)
    }

    /// The key of an object that equals `key`, which may be spelled otherwise.
    private func spelling(of key: Value, in object: Value) -> Value {
        let position = context.space.position(inShape: context.space.shape(object), of: key)
        return position < 0 ? key : context.space.entries(object).keys[position]
    }

    private func reducedObject(_ object: Value, _ range: Range<Int>, _ depth: Int) throws(Fault) -> Value {
        let entries = context.space.entries(object)
        try context.spend(entries.count)
        var list = ValueList()
        try list.reserve(entries.count &* 2, in: context.space)
        var start = range.lowerBound
        for index in 0..<entries.count {
            let key = entries.keys[index]
            while start < range.upperBound, context.space.compare(paths[start][depth], key) < 0 { start += 1 }
            var value = entries.values[index]
            if start < range.upperBound, context.space.equal(paths[start][depth], key) {
                let group = group(start, range, depth)
                start = group.upperBound
                value = try child(value, group, depth)
                if value.isUndefined { continue }
            }
            try list.append(key, in: context.space)
            try list.append(value, in: context.space)
        }
        return try context.space.object(pairs: list)
    }

    private func array(_ array: Value, _ range: Range<Int>, _ depth: Int) throws(Fault) -> Value {
        var chosen: [(position: Int, group: Range<Int>)] = []
        var start = range.lowerBound
        while start < range.upperBound {
            let group = group(start, range, depth)
            start = group.upperBound
            if let position = JSONPath.position(paths[group.lowerBound][depth], context.space), position < array.count {
                chosen.append((position, group))
            }
        }
        // Strings of digits do not sort as numbers do.
        chosen.sort { $0.position < $1.position }
        let elements = context.space.elements(array)
        if chosen.isEmpty { return keeps ? .emptyArray : array }
        var list = ValueList()
        if keeps {
            for (position, group) in chosen {
                try list.append(try child(elements[position], group, depth), in: context.space)
            }
            return context.space.array(adopting: list)
        }
        try context.spend(elements.count)
        var next = 0
        for index in 0..<elements.count {
            var value = elements[index]
            if next < chosen.count, chosen[next].position == index {
                value = try child(value, chosen[next].group, depth)
                next += 1
                if value.isUndefined { continue }
            }
            try list.append(value, in: context.space)
        }
        return context.space.array(adopting: list)
    }

    private func filteredSet(_ set: Value, _ range: Range<Int>, _ depth: Int) throws(Fault) -> Value {
        var list = ValueList()
        var start = range.lowerBound
        while start < range.upperBound {
            let group = group(start, range, depth)
            start = group.upperBound
            let found = context.space.member(ofSet: set, paths[group.lowerBound][depth])
            guard found.isDefined else { continue }
            try list.append(try child(found, group, depth), in: context.space)
        }
        return try context.space.set(list)
    }

    private func reducedSet(_ set: Value, _ range: Range<Int>, _ depth: Int) throws(Fault) -> Value {
        let elements = context.space.elements(set)
        try context.spend(elements.count)
        var list = ValueList()
        var start = range.lowerBound
        for index in 0..<elements.count {
            var value = elements[index]
            while start < range.upperBound, context.space.compare(paths[start][depth], value) < 0 { start += 1 }
            if start < range.upperBound, context.space.equal(paths[start][depth], value) {
                let group = group(start, range, depth)
                start = group.upperBound
                value = try child(value, group, depth)
                if value.isUndefined { continue }
            }
            try list.append(value, in: context.space)
        }
        return try context.space.set(list)
    }
}
