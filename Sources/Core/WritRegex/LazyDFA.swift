/// A deterministic automaton over bytes whose states are made when a text first needs them. One table look-up a byte
/// once it is warm.
///
/// - A state is the list of program threads, in order of priority, that can be alive at a position. Threads of less
///   priority than one that has matched are dropped, which gives leftmost-first.
/// - Threads inside a character are at a node of its class's `ByteGraph`. One more thread, the last of each list,
///   just reads valid UTF-8. In a search that has not matched yet it starts the program anew at each character. When
///   it dies the text is not UTF-8, and the caller takes another engine.
/// - Assertions that depend on the next byte wait in the list, and a match is reported one byte late, so that they can
///   be decided.
/// - Memory is bounded: when it is full, all states are dropped. If that happens too often for the bytes that were
///   read, the search gives up.
struct LazyDFA {
    enum Outcome {
        case noMatch
        /// Where the match ends. In the earliest mode it is only known that there is one.
        case match(Int)
        /// Too many states, or the text is not UTF-8.
        case unknown
    }

    /// Bytes for states and their transitions.
    static let memoryLimit = 1 << 19
    /// More threads than this are not worth a DFA.
    private static let maxThreads = 1 << 15

    // Values of the transition table. Others are the offset of the target's row, with `matchBit` if a match ended
    // before the byte just read.
    private static let unknown: UInt32 = 0
    private static let dead: UInt32 = 1
    private static let invalid: UInt32 = 2
    private static let firstRow: UInt32 = 3
    private static let matchBit: UInt32 = 1 << 31

    private struct State {
        var start: UInt32
        var count: UInt32
        var flags: UInt16
        var hash: UInt32
        /// The next state in the same bucket, or -1.
        var next: Int32
    }

    // Flags of a state: the assertions that hold behind it, and:
    private static let searching: UInt16 = 1 << 8
    private static let matched: UInt16 = 1 << 9
    private static let afterWord: UInt16 = 1 << 10

    private let program: Program
    private let graph: ByteGraph
    /// The first thread number of each consuming instruction, and at the end of the one that reads UTF-8.
    private let threadBase: [UInt32]
    private let threadPC: [UInt32]
    private let threadNode: [UInt32]
    private let threadCount: Int
    private let readerPC: UInt32
    private let byteClass: UnsafeMutablePointer<UInt8>
    /// A byte of each class.
    private let sample: [UInt8]
    private let classCount: Int
    private let rowShift: UInt32
    /// Whether a search may jump to the next place where a match can begin, and by which bytes; nil: by the prefix.
    private let canSkip: Bool
    private let firstBytes: (UInt64, UInt64, UInt64)?

    private var table: UnsafeMutablePointer<UInt32>
    private var tableRows: Int
    private var states: [State] = []
    private var items: [UInt32] = []
    private var buckets: [Int32]
    /// Rows of the start states by context, or 0.
    private var starts: [UInt32] = [0, 0, 0, 0, 0, 0, 0, 0]

    // Scratch of `step`. Threads and instructions share one numbering: instructions follow the threads.
    private var setDense: UnsafeMutablePointer<UInt32>
    private var setSparse: UnsafeMutablePointer<UInt32>
    private var setCount = 0
    private var pending: [UInt32] = []
    private var source: [UInt32] = []
    private var target: [UInt32] = []

    /// Bytes read by all searches so far.
    private(set) var bytesInAll = 0
    /// Bytes read by finished searches since the states were last dropped.
    private var bytesRead = 0
    /// Where the current search began.
    private var searchStart = 0
    /// How often a search gave up for want of memory.
    private(set) var surrenders = 0
    /// Threads stepped while making states; tests count them.
    private(set) var steps = 0
    /// Where the last search had no thread but those that begin there, for the last time before its match as far as
    /// that can be told. The match begins there or later.
    private(set) var home = 0
    /// Whether a state like that of a search that begins has no threads that began before.
    private let knowsHome: Bool

    init?(_ program: Program) {
        self.program = program
        var graph = ByteGraph()
        var base: [UInt32] = []
        var pcs: [UInt32] = []
        var nodes: [UInt32] = []
        var classes = [ByteGraph.Class?](repeating: nil, count: program.classes.count)
        var scalars = [ByteGraph.Class?](repeating: nil, count: 128)
        var any: ByteGraph.Class?
        var anyNotNewline: ByteGraph.Class?
        let count = program.instructions.count
        for pc in 0...count {
            base.append(UInt32(pcs.count))
            let instruction = pc < count ? program.instructions[pc] : Instruction(kind: .any)
            guard instruction.consumes else { continue }
            let argument = Int(instruction.argument)
            let made: ByteGraph.Class
            switch instruction.kind {
            case .scalar:
                if argument < 128, let known = scalars[argument] {
                    made = known
                } else {
                    made = graph.add([CharSet.Range(lo: instruction.argument, hi: instruction.argument)])
                    if argument < 128 { scalars[argument] = made }
                }
            case .set:
                made = classes[argument] ?? graph.add(program.members(of: instruction.argument))
                classes[argument] = made
            case .anyNotNewline:
                made =
                    anyNotNewline
                    ?? graph.add([CharSet.Range(lo: 0, hi: 9), CharSet.Range(lo: 11, hi: CharSet.maxScalar)])
                anyNotNewline = made
            default:
                made = any ?? graph.add([CharSet.Range(lo: 0, hi: CharSet.maxScalar)])
                any = made
            }
            if graph.isTooLarge || pcs.count + Int(made.count) > Self.maxThreads { return nil }
            for node in 0..<made.count {
                pcs.append(UInt32(pc))
                nodes.append(made.firstNode + node)
            }
        }
        self.graph = graph
        threadBase = base
        threadPC = pcs
        threadNode = nodes
        threadCount = pcs.count
        readerPC = UInt32(count)

        var isBoundary = [Bool](repeating: false, count: 257)
        for transition in graph.transitions {
            isBoundary[Int(transition.lo)] = true
            isBoundary[Int(transition.hi) + 1] = true
        }
        if program.assertions & (Assertion.beginLine | Assertion.endLine) != 0 {
            isBoundary[0x0A] = true
            isBoundary[0x0B] = true
        }
        if program.assertions & (Assertion.wordBoundary | Assertion.noWordBoundary) != 0 {
            for edge in [0x30, 0x3A, 0x41, 0x5B, 0x5F, 0x60, 0x61, 0x7B] { isBoundary[edge] = true }
        }
        byteClass = .allocate(capacity: 256)
        var sample: [UInt8] = [0]
        for byte in 0..<256 {
            if byte > 0, isBoundary[byte] { sample.append(UInt8(byte)) }
            byteClass[byte] = UInt8(sample.count - 1)
        }
        self.sample = sample
        classCount = sample.count
        // A column more for the end of the text.
        var shift: UInt32 = 2
        while 1 << shift < classCount + 1 { shift += 1 }
        rowShift = shift

        knowsHome = program.knowsHome
        canSkip = program.canSkipInDFA
        firstBytes = program.prefix.isEmpty ? program.firstBytes?.few : nil

        tableRows = 8
        table = .allocate(capacity: tableRows << Int(shift))
        buckets = [Int32](repeating: -1, count: 16)
        let universe = threadCount + count + 1
        setDense = .allocate(capacity: universe)
        setSparse = .allocate(capacity: universe)
        setSparse.initialize(repeating: 0, count: universe)
        flush()
    }

    func deallocate() {
        table.deallocate()
        byteClass.deallocate()
        setDense.deallocate()
        setSparse.deallocate()
    }

    var byteCount: Int {
        (tableRows << Int(rowShift)) * 4 + states.capacity * MemoryLayout<State>.stride + items.capacity * 4
            + buckets.capacity * 4 + threadCount * 16 + program.instructions.count * 12
            + graph.transitions.count * 4 + graph.nodes.count * 8 + 512
    }

    // MARK: Search

    /// Looks for the leftmost-first match that begins at `from` or later.
    /// - Parameters:
    ///   - earliest: return as soon as it is known that there is a match.
    ///   - anchored: only a match that begins at `from` counts.
    mutating func search(
        _ text: UnsafeBufferPointer<UInt8>, from: Int, earliest: Bool, anchored: Bool = false
    ) -> Outcome {
        if program.anchoredAtStart, from > 0 { return .noMatch }
        searchStart = from
        guard var row = startRow(text, from, anchored) else { return .unknown }
        var last = -1
        var position = from
        let count = text.count
        let end = UInt32(classCount)
        let byteClass = byteClass
        var table = table
        // The state of a search that has read nothing of a match; it can skip to the next byte that begins one.
        let canSkip = canSkip
        var homeRow = starts[Self.middleContext]
        var home = from
        defer {
            bytesRead += position - searchStart
            bytesInAll &+= position &- from
            self.home = knowsHome ? home : from
        }
        while position <= count {
            if canSkip, row == homeRow {
                if let firstBytes, let base = text.baseAddress {
                    position = ByteSet.find(firstBytes, base, position, count)
                    if position == count { return .noMatch }
                } else {
                    guard let next = program.findPrefix(text, from: position, end: count) else { return .noMatch }
                    position = next
                }
                home = position
            }
            var next = Self.unknown
            if position < count {
                // The tight loop: leaves on anything but an ordinary state.
                repeat {
                    next = table[Int(row &+ UInt32(byteClass[Int(text[position])]))]
                    if next &- Self.firstRow >= Self.matchBit &- Self.firstRow { break }
                    row = next
                    position &+= 1
                    if row == homeRow {
                        home = position
                        if canSkip { break }
                    }
                } while position < count
                if canSkip, row == homeRow, next == row { continue }
            }
            let column = position < count ? UInt32(byteClass[Int(text[position])]) : end
            next = table[Int(row &+ column)]
            if next == Self.unknown {
                guard let made = step(row, column, position) else {
                    surrenders += 1
                    return .unknown
                }
                next = made
                table = self.table
                homeRow = starts[Self.middleContext]
            }
            if next == Self.invalid { return .unknown }
            if next == Self.dead { break }
            if next & Self.matchBit != 0 {
                if earliest { return .match(position) }
                last = position
            }
            row = next & ~Self.matchBit
            position &+= 1
            if row == homeRow { home = position }
        }
        return last < 0 ? .noMatch : .match(last)
    }

    private static let middleContext = 3
    /// What is added to a context where the search is anchored.
    private static let anchoredContexts = 4

    /// The row of the state before the first byte; nil if there is no room for it.
    private mutating func startRow(_ text: UnsafeBufferPointer<UInt8>, _ from: Int, _ anchored: Bool) -> UInt32? {
        var context = Self.middleContext
        var behind: UInt8 = 0
        var afterWord = false
        if from == 0 {
            context = 0
            behind = Assertion.beginText | Assertion.beginLine
        } else if text[from - 1] == 0x0A {
            context = 1
            behind = Assertion.beginLine
        } else if Assertion.isWord(text[from - 1]) {
            context = 2
            afterWord = true
        }
        // Contexts that no assertion can tell apart are the same.
        if program.assertions & (Assertion.wordBoundary | Assertion.noWordBoundary) == 0, context == 2 {
            context = Self.middleContext
            afterWord = false
        }
        if program.assertions & Assertion.beginLine == 0, context == 1 { context = Self.middleContext }
        if program.assertions
            & (Assertion.beginText | Assertion.beginLine | Assertion.wordBoundary
                | Assertion.noWordBoundary) == 0, context == 0
        {
            context = Self.middleContext
        }
        if anchored { context += Self.anchoredContexts }
        if starts[context] == 0 {
            // The state in the middle is what `home` is recognized by. Without room for both, there is none for it.
            guard program.anchoredAtStart || makeStart(Self.middleContext, behind: 0, afterWord: false, from),
                starts[context] != 0 || makeStart(context, behind: behind, afterWord: afterWord, from)
            else { return nil }
        }
        return starts[context]
    }

    /// Makes the state of a search that begins. False if there is no room for it.
    private mutating func makeStart(_ context: Int, behind: UInt8, afterWord: Bool, _ from: Int) -> Bool {
        setCount = 0
        target.removeAll(keepingCapacity: true)
        follow(program.start, holding: behind, deciding: false)
        target.append(threadBase[Int(readerPC)])
        let isAnchored = program.anchoredAtStart || context >= Self.anchoredContexts
        let flags = isAnchored ? 0 : Self.searching
        guard let row = intern(flags | contextFlags(behind, afterWord), position: from) else { return false }
        starts[context] = row & ~Self.matchBit
        return true
    }

    /// The part of a state's flags that describes what is behind it; only kept where a waiting assertion needs it.
    private func contextFlags(_ behind: UInt8, _ afterWord: Bool) -> UInt16 {
        for item in target where item >= UInt32(threadCount) {
            return UInt16(behind) | (afterWord ? Self.afterWord : 0)
        }
        return 0
    }

    // MARK: Making states

    /// Makes the target of a transition and enters it into the table. Nil if there is no room.
    private mutating func step(_ row: UInt32, _ column: UInt32, _ position: Int) -> UInt32? {
        let state = states[Int(row >> rowShift) - 1]
        source.removeAll(keepingCapacity: true)
        source.append(contentsOf: items[Int(state.start)..<Int(state.start + state.count)])
        let atEnd = Int(column) == classCount
        let byte = atEnd ? 0 : sample[Int(column)]
        decideAssertions(state.flags, atEnd: atEnd, byte)

        setCount = 0
        target.removeAll(keepingCapacity: true)
        var matched = false
        var flags = state.flags & Self.searching
        let behind: UInt8 = byte == 0x0A ? Assertion.beginLine : 0
        var readerAlive = false
        let reader = threadBase[Int(readerPC)]
        for item in source {
            steps &+= 1
            if Int(item) >= threadCount {
                // Only a match is left of these. What has less priority goes, and no later start counts.
                matched = true
                flags = 0
                continue
            }
            let isReader = item >= reader
            if matched, !isReader { continue }
            if atEnd {
                // A text that ends inside a character is not UTF-8.
                if isReader { readerAlive = item == reader }
                continue
            }
            let pc = threadPC[Int(item)]
            let node = graph.nodes[Int(threadNode[Int(item)])]
            var index = Int(node.start)
            let last = index + Int(node.count)
            while index < last, graph.transitions[index].hi < byte { index += 1 }
            guard index < last, graph.transitions[index].lo <= byte else { continue }
            let next = graph.transitions[index].target
            if next != ByteGraph.accept {
                insert(threadBase[Int(pc)] + UInt32(next))
                if isReader { readerAlive = true }
            } else if isReader {
                readerAlive = true
                if flags & Self.searching != 0 {
                    follow(program.start, holding: behind, deciding: false)
                }
                insert(reader)
            } else {
                follow(program.instructions[Int(pc)].out, holding: behind, deciding: false)
            }
        }
        if atEnd { target.removeAll(keepingCapacity: true) }
        let value: UInt32
        if !readerAlive {
            value = Self.invalid
        } else if !matched, atEnd || (flags & Self.searching == 0 && target.count == 1 && target[0] == reader) {
            value = Self.dead
        } else {
            if matched { flags |= Self.matched }
            let flushes = flushCount
            guard let made = intern(flags | contextFlags(behind, Assertion.isWord(byte)), position: position) else {
                return nil
            }
            if flushes != flushCount { return made }
            value = made
        }
        table[Int(row &+ column)] = value
        return value
    }

    /// Replaces waiting assertions in `source` by what follows them, now that the next byte is known.
    private mutating func decideAssertions(_ flags: UInt16, atEnd: Bool, _ byte: UInt8) {
        guard source.contains(where: { Int($0) >= threadCount }) else { return }
        var holding = UInt8(truncatingIfNeeded: flags)
        if atEnd {
            holding |= Assertion.endText | Assertion.endLine
        } else if byte == 0x0A {
            holding |= Assertion.endLine
        }
        let before = flags & Self.afterWord != 0
        let after = !atEnd && Assertion.isWord(byte)
        holding |= before != after ? Assertion.wordBoundary : Assertion.noWordBoundary
        setCount = 0
        target.removeAll(keepingCapacity: true)
        for item in source {
            if Int(item) < threadCount {
                insert(item)
            } else {
                follow(item - UInt32(threadCount), holding: holding, deciding: true)
            }
        }
        swap(&source, &target)
    }

    /// Adds the threads that are reached without reading. With `deciding`, all assertions are decided; otherwise those
    /// that depend on the next byte wait.
    private mutating func follow(
        _ start: UInt32, holding: UInt8, deciding: Bool
    ) {
        pending.removeAll(keepingCapacity: true)
        pending.append(start)
        while var pc = pending.popLast() {
            while mark(UInt32(threadCount) + pc) {
                steps &+= 1
                let instruction = program.instructions[Int(pc)]
                switch instruction.kind {
                case .split:
                    pending.append(instruction.argument)
                    pc = instruction.out
                    continue
                case .capture:
                    pc = instruction.out
                    continue
                case .assertion:
                    let wanted = UInt8(truncatingIfNeeded: instruction.argument)
                    if holding & wanted != 0 {
                        pc = instruction.out
                        continue
                    }
                    if !deciding, wanted & Assertion.behind == 0 { target.append(UInt32(threadCount) + pc) }
                case .match:
                    target.append(UInt32(threadCount) + pc)
                default:
                    insert(threadBase[Int(pc)])
                }
                break
            }
        }
    }

    private mutating func insert(_ item: UInt32) {
        if mark(item) { target.append(item) }
    }

    /// Marks a thread or instruction as seen; false if it was.
    @inline(__always)
    private mutating func mark(_ item: UInt32) -> Bool {
        let slot = Int(setSparse[Int(item)])
        if slot < setCount, setDense[slot] == item { return false }
        setSparse[Int(item)] = UInt32(truncatingIfNeeded: setCount)
        setDense[setCount] = item
        setCount &+= 1
        return true
    }

    // MARK: The set of states

    private var flushCount = 0

    /// The row of the state with the threads of `target`, with `matchBit` if that is so. Nil if there is no room.
    private mutating func intern(_ flags: UInt16, position: Int) -> UInt32? {
        var hash = UInt64(flags)
        for item in target { hash = ContentHash.mix(hash ^ UInt64(item) &+ 0x9E37_79B9_7F4A_7C15) }
        let short = UInt32(truncatingIfNeeded: hash)
        let bit = flags & Self.matched != 0 ? Self.matchBit : 0
        var index = buckets[Int(short) & (buckets.count - 1)]
        while index >= 0 {
            let state = states[Int(index)]
            if state.hash == short, state.flags == flags, Int(state.count) == target.count,
                items[Int(state.start)..<Int(state.start + state.count)].elementsEqual(target)
            {
                return UInt32(index + 1) << rowShift | bit
            }
            index = state.next
        }
        if !hasRoom() {
            // Fewer than ten bytes a state: reading on without a DFA is cheaper.
            if bytesRead + position - searchStart < 10 * states.count { return nil }
            searchStart = position
            bytesRead = 0
            flush()
            if !hasRoom() { return nil }
        }
        return append(flags, short) | bit
    }

    private func hasRoom() -> Bool {
        let rowBytes = 4 << Int(rowShift)
        let used = (states.count + 2) * (rowBytes + MemoryLayout<State>.stride + 8) + (items.count + target.count) * 4
        return used <= Self.memoryLimit
    }

    private mutating func append(_ flags: UInt16, _ hash: UInt32) -> UInt32 {
        if states.count >= buckets.count { growBuckets() }
        let bucket = Int(hash) & (buckets.count - 1)
        states.append(
            State(
                start: UInt32(items.count), count: UInt32(target.count), flags: flags, hash: hash,
                next: buckets[bucket]))
        buckets[bucket] = Int32(states.count - 1)
        items.append(contentsOf: target)
        // Row 0 is never used, so that no row looks like one of the special values.
        if states.count >= tableRows { growTable() }
        let row = states.count << Int(rowShift)
        (table + row).initialize(repeating: Self.unknown, count: 1 << Int(rowShift))
        return UInt32(row)
    }

    private mutating func growTable() {
        let larger = UnsafeMutablePointer<UInt32>.allocate(capacity: (2 * tableRows) << Int(rowShift))
        larger.initialize(from: table, count: tableRows << Int(rowShift))
        table.deallocate()
        table = larger
        tableRows *= 2
    }

    private mutating func growBuckets() {
        buckets = [Int32](repeating: -1, count: 2 * buckets.count)
        for index in states.indices {
            let bucket = Int(states[index].hash) & (buckets.count - 1)
            states[index].next = buckets[bucket]
            buckets[bucket] = Int32(index)
        }
    }

    private mutating func flush() {
        flushCount &+= 1
        states.removeAll(keepingCapacity: true)
        items.removeAll(keepingCapacity: true)
        for index in buckets.indices { buckets[index] = -1 }
        for index in starts.indices { starts[index] = 0 }
        table.initialize(repeating: Self.unknown, count: 1 << Int(rowShift))
    }
}
