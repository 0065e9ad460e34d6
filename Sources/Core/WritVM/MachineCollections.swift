import WritPlan
import WritValue

extension Machine {
    // MARK: Looking

    /// The element of an array at a number, or of a set; undefined for anything else.
    @inline(never)
    func element(of source: Value, _ key: Value, orMember: Bool = false) -> Value {
        switch source.tag {
        case Value.Tag.array:
            guard let index = space.arrayIndex(key), index >= 0, index < Int64(source.count) else { return .undefined }
            return space.element(source, Int(index))
        case Value.Tag.set: return space.member(ofSet: source, key)
        case Value.Tag.object: return orMember ? space.member(source, key) : .undefined
        case Value.Tag.address: return element(ofGathering: source, key)
        default: return .undefined
        }
    }

    func scalarCount(_ string: Value) -> Int {
        space.withBytes(string) { bytes in
            var count = 0
            for byte in bytes where byte & 0xc0 != 0x80 { count &+= 1 }
            return count
        }
    }

    // MARK: Scanning

    /// The state of a scan: R(a) the collection (an object written out flat), R(a+1) the next position.
    @inline(__always)
    func startScan(_ source: Value, _ state: UnsafeMutablePointer<Value>) {
        var collection = source
        if source.tag == Value.Tag.object, space.shape(source).isUndefined {
            collection = space.flattened(source)
        }
        state[0] = collection
        state[1] = Value(low: 0, high: 0)
    }

    @inline(__always)
    func scanNext(
        _ state: UnsafeMutablePointer<Value>, _ key: Int32, _ value: Int32, _ registers: UnsafeMutablePointer<Value>
    ) -> Bool {
        let collection = state[0]
        let position = Int(truncatingIfNeeded: state[1].low)
        guard position < collection.count else { return false }
        state[1].low = UInt64(truncatingIfNeeded: position &+ 1)
        if collection.tag == Value.Tag.array {
            if key >= 0 { registers[Int(key)] = .integer(position) }
            if value >= 0 { registers[Int(value)] = space.element(collection, position) }
            return true
        }
        if collection.tag == Value.Tag.set {
            let element = space.elements(collection)[position]
            if key >= 0 { registers[Int(key)] = element }
            if value >= 0 { registers[Int(value)] = element }
            return element.isDefined
        }
        if key >= 0 { registers[Int(key)] = space.key(collection, at: position) }
        if value >= 0 { registers[Int(value)] = space.member(collection, at: position) }
        return true
    }

    func rangeNext(
        _ state: UnsafeMutablePointer<Value>, _ key: Int32, _ value: Int32, _ registers: UnsafeMutablePointer<Value>
    ) -> Bool {
        let from = Int64(bitPattern: state[0].low)
        let to = Int64(bitPattern: state[1].low)
        let position = state[0].high
        if state[1].high == 1 { return false }
        if key >= 0 { registers[Int(key)] = .integer(Int64(truncatingIfNeeded: position)) }
        if value >= 0 { registers[Int(value)] = .integer(from) }
        state[0].high = position &+ 1
        if from == to {
            state[1].high = 1
        } else {
            state[0].low = UInt64(bitPattern: from < to ? from &+ 1 : from &- 1)
        }
        return true
    }

    // MARK: Walking

    func startWalk(_ source: Value, _ state: UnsafeMutablePointer<Value>) {
        // Loops take registers as a stack does: walks at this register or above it are over, however they ended.
        let register = state - self.state.pointee.stack
        while walkCount > 0, walks[walkCount &- 1].register >= register { walkCount &-= 1 }
        if walkCount == walks.count { walks.append(Walk()) }
        walks[walkCount].register = register
        walks[walkCount].root = source
        walks[walkCount].isStarted = false
        walks[walkCount].steps.removeAll(keepingCapacity: true)
        walkCount &+= 1
        state[0] = Value(low: UInt64(walkCount), high: 0)
    }

    func walkNext(
        _ state: UnsafeMutablePointer<Value>, _ path: Int32, _ value: Int32, _ registers: UnsafeMutablePointer<Value>
    ) throws(Fault) -> Bool {
        let number = Int(truncatingIfNeeded: state[0].low) - 1
        guard number >= 0, number < walkCount else { return false }
        if !walks[number].isStarted {
            walks[number].isStarted = true
            if path >= 0 { registers[Int(path)] = .emptyArray }
            if value >= 0 { registers[Int(value)] = walks[number].root }
            descend(walks[number].root, number)
            return true
        }
        while let step = walks[number].steps.last {
            let depth = walks[number].steps.count - 1
            guard step.next < step.container.count else {
                walks[number].steps.removeLast()
                continue
            }
            guard depth < Space.depthLimit else { throw Fault(.depthLimit) }
            let (key, found) = entry(step.container, step.next)
            walks[number].steps[depth].next += 1
            walks[number].steps[depth].key = key
            if path >= 0 {
                var list = ValueList()
                try list.reserve(depth + 1, in: space)
                for step in walks[number].steps { try list.append(step.key, in: space) }
                registers[Int(path)] = space.array(adopting: list)
            }
            if value >= 0 { registers[Int(value)] = found }
            descend(found, number)
            return true
        }
        return false
    }

    private func descend(_ value: Value, _ number: Int) {
        guard value.isCollection, value.count > 0 else { return }
        var container = value
        if value.isObject, space.shape(value).isUndefined {
            // The loop rewinds temporaries each turn, but the walk comes back to this container.
            let before = space.allocatesTemporaries
            space.allocatesTemporaries = false
            container = space.flattened(value)
            space.allocatesTemporaries = before
        }
        walks[number].steps.append(Walk.Step(container: container, next: 0, key: .undefined))
    }

    private func entry(_ container: Value, _ position: Int) -> (key: Value, value: Value) {
        switch container.tag {
        case Value.Tag.array: return (.integer(position), space.element(container, position))
        case Value.Tag.set:
            let element = space.elements(container)[position]
            return (element, element)
        default: return (space.key(container, at: position), space.member(container, at: position))
        }
    }

    // MARK: Making

    func makeSet(_ values: UnsafeBufferPointer<Value>) throws(Fault) -> Value {
        var list = ValueList()
        for value in values { try list.append(value, in: space) }
        return try space.set(list)
    }

    func makeObject(_ values: UnsafeBufferPointer<Value>) throws(Fault) -> Value {
        var list = ValueList()
        for value in values { try list.append(value, in: space) }
        return try space.object(pairs: list)
    }

    // MARK: Gathering

    func add(_ value: Value, to register: Value) throws(Fault) {
        guard let gatherer = Gatherer.pointer(register), gatherer.pointee.kind != .object else { throw Fault(.defect) }
        if gatherer.pointee.kind == .set, gatherer.pointee.find(value, space) >= 0 { return }
        let kept = try space.kept(value)
        try space.inResults { () throws(Fault) in try gatherer.pointee.append(kept, space) }
    }

    func insert(_ key: Value, _ value: Value, into register: Value, _ kind: Int32) throws(Fault) {
        guard let gatherer = Gatherer.pointer(register), gatherer.pointee.kind == .object else { throw Fault(.defect) }
        let position = gatherer.pointee.find(key, space)
        if position >= 0 {
            let old = gatherer.pointee.list[position &+ 1]
            if kind == Int32(Conflict.replaces.rawValue) {
                gatherer.pointee.list[position &+ 1] = try space.kept(value)
                return
            }
            guard old.tag != Value.Tag.address, space.equal(old, value) else { throw conflict(kind) }
            return
        }
        let keptKey = try space.kept(key)
        let keptValue = try space.kept(value)
        try space.inResults { () throws(Fault) in
            try gatherer.pointee.append(keptKey, entry: keptValue, space)
        }
    }

    func insertPath(_ instruction: Instruction, _ registers: UnsafeMutablePointer<Value>) throws(Fault) {
        let hasValue = instruction.target & 256 != 0
        let kind = instruction.target & 255
        let count = instruction.c &+ (hasValue ? 1 : 0)
        let operands = load(instruction.b, count, registers)
        // The last step adds an entry (key and value) or an element of a set.
        let steps = Int(instruction.c) &- 1
        guard steps >= 0 else { throw Fault(.defect) }
        var register = registers[Int(instruction.a)]
        for index in 0..<steps {
            guard let gatherer = Gatherer.pointer(register), gatherer.pointee.kind == .object else {
                throw conflict(kind)
            }
            let isLast = index == steps &- 1
            let wanted: Gathering = isLast && !hasValue ? .set : .object
            let position = gatherer.pointee.find(operands[index], space)
            if position >= 0 {
                register = gatherer.pointee.list[position &+ 1]
                guard let nested = Gatherer.pointer(register), nested.pointee.kind == wanted else {
                    throw conflict(kind)
                }
            } else {
                let key = try space.kept(operands[index])
                register = try space.inResults { () throws(Fault) in
                    let nested = try Gatherer.make(wanted, space)
                    try gatherer.pointee.append(key, entry: nested, space)
                    return nested
                }
            }
        }
        if hasValue {
            try insert(operands[steps], operands[steps &+ 1], into: register, kind)
        } else {
            try add(operands[steps], to: register)
        }
    }

    /// A register's collection as a gathering: the one it is, or one that begins with the value's elements.
    /// Undefined when it is not of this kind.
    func regathered(_ register: Value, _ kind: Int32) throws(Fault) -> Value {
        guard let kind = Gathering(rawValue: UInt8(truncatingIfNeeded: kind)) else { throw Fault(.defect) }
        if let gatherer = Gatherer.pointer(register) {
            return gatherer.pointee.kind == kind ? register : .undefined
        }
        switch kind {
        case .array: guard register.isArray else { return .undefined }
        case .set: guard register.isSet else { return .undefined }
        case .object: guard register.isObject else { return .undefined }
        }
        let collection = try space.kept(register)
        return try space.inResults { () throws(Fault) in
            let made = try Gatherer.make(kind, space)
            guard let gatherer = Gatherer.pointer(made) else { throw Fault(.defect) }
            if kind == .object {
                let entries = space.entries(collection)
                for index in 0..<entries.count {
                    try gatherer.pointee.append(entries.keys[index], entry: entries.values[index], space)
                }
            } else {
                let elements = space.elements(collection)
                for index in 0..<elements.count { try gatherer.pointee.append(elements[index], space) }
            }
            return made
        }
    }

    /// What lies under a key of a collection that is still gathered; undefined for what is gathered in turn.
    private func element(ofGathering register: Value, _ key: Value) -> Value {
        guard let gatherer = Gatherer.pointer(register) else { return .undefined }
        let found: Value
        switch gatherer.pointee.kind {
        case .array:
            guard let index = space.arrayIndex(key), index >= 0, index < Int64(gatherer.pointee.list.count) else {
                return .undefined
            }
            found = gatherer.pointee.list[Int(truncatingIfNeeded: index)]
        case .set:
            let position = gatherer.pointee.find(key, space)
            found = position < 0 ? .undefined : gatherer.pointee.list[position]
        case .object:
            let position = gatherer.pointee.find(key, space)
            found = position < 0 ? .undefined : gatherer.pointee.list[position &+ 1]
        }
        return found.tag == Value.Tag.address ? .undefined : found
    }

    /// The first operand with the last one put under the path of those between.
    func upserted(_ operands: UnsafeBufferPointer<Value>) throws(Fault) -> Value {
        guard operands.count >= 2 else { throw Fault(.defect) }
        let path = UnsafeBufferPointer(rebasing: operands[1..<(operands.count &- 1)])
        return try space.upserting(operands[0], path: path, value: operands[operands.count &- 1])
    }

    func gathered(_ register: Value) throws(Fault) -> Value {
        guard let gatherer = Gatherer.pointer(register) else { return register }
        return try space.inResults { () throws(Fault) in try gatherer.pointee.value(space) }
    }
}
