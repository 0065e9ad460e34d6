/// The memory that a space keeps for reading JSON, so that reading in steady state allocates nothing.
struct JSONScratch {
    /// Finished values of the containers that are still open, and (key, value) pairs of objects.
    var values: UnsafeMutablePointer<Value>
    var valueCapacity: Int
    /// The open containers around the innermost one.
    var frames: UnsafeMutablePointer<JSONFrame>
    var frameCapacity: Int
    /// The text of the string being unescaped.
    var text: UnsafeMutablePointer<UInt8>
    var textCapacity: Int
    /// Keys being sorted: twice the room that one object needs.
    var order: UnsafeMutablePointer<KeyOrder>
    var orderCapacity: Int
    var shapes: ShapeCache
    /// Containers that are being written.
    var writing: UnsafeMutablePointer<WriterFrame>
    var writingCapacity: Int

    /// Values that the stack has room for at first. Everything doubles on demand.
    static var firstValues: Int { 64 }

    init() {
        valueCapacity = JSONScratch.firstValues
        frameCapacity = 16
        textCapacity = 64
        orderCapacity = 64
        writingCapacity = 16
        values = .allocate(capacity: valueCapacity)
        frames = .allocate(capacity: frameCapacity)
        text = .allocate(capacity: textCapacity)
        order = .allocate(capacity: orderCapacity)
        shapes = ShapeCache()
        writing = .allocate(capacity: writingCapacity)
    }

    func deallocate() {
        values.deallocate()
        frames.deallocate()
        text.deallocate()
        order.deallocate()
        shapes.deallocate()
        writing.deallocate()
    }

    /// Doubles the value stack, of which `count` are in use.
    @inline(never)
    mutating func growValues(_ count: Int) {
        let grown = UnsafeMutablePointer<Value>.allocate(capacity: valueCapacity &* 2)
        grown.update(from: values, count: count)
        values.deallocate()
        values = grown
        valueCapacity &*= 2
    }

    @inline(never)
    mutating func growFrames(_ count: Int) {
        let grown = UnsafeMutablePointer<JSONFrame>.allocate(capacity: frameCapacity &* 2)
        grown.update(from: frames, count: count)
        frames.deallocate()
        frames = grown
        frameCapacity &*= 2
    }

    /// Makes place for a frame at `depth`.
    @inline(never)
    mutating func growWriting(_ depth: Int) {
        let capacity = max(writingCapacity &* 2, depth &+ 1)
        let grown = UnsafeMutablePointer<WriterFrame>.allocate(capacity: capacity)
        grown.update(from: writing, count: writingCapacity)
        writing.deallocate()
        writing = grown
        writingCapacity = capacity
    }

    /// Room for a text of `count` bytes; what was there is lost.
    mutating func reserveText(_ count: Int) {
        guard count > textCapacity else { return }
        text.deallocate()
        textCapacity = max(count, min(textCapacity, 1 &<< 20) &* 2)
        text = .allocate(capacity: textCapacity)
    }

    mutating func reserveOrder(_ count: Int) {
        guard count > orderCapacity else { return }
        order.deallocate()
        orderCapacity = max(count, min(orderCapacity, 1 &<< 16) &* 2)
        order = .allocate(capacity: orderCapacity)
    }

    /// Gives back what an unusually large document took.
    mutating func trim() {
        if valueCapacity &* 16 > Space.retainedMemory {
            values.deallocate()
            valueCapacity = JSONScratch.firstValues
            values = .allocate(capacity: valueCapacity)
        }
        if textCapacity > Space.retainedMemory {
            text.deallocate()
            textCapacity = 64
            text = .allocate(capacity: textCapacity)
        }
        if orderCapacity &* 16 > Space.retainedMemory {
            order.deallocate()
            orderCapacity = 64
            order = .allocate(capacity: orderCapacity)
        }
    }
}

/// An open container.
struct JSONFrame {
    /// Where its values start on the value stack.
    var start: Int
    var isObject: Bool
    /// The hash of the keys so far, in their order in the text.
    var keys: UInt64
}

/// A key being sorted: its first 8 bytes as a number, so that most comparisons need nothing else, and its place
/// in the text.
struct KeyOrder {
    var prefix: UInt64
    var index: UInt32
}
