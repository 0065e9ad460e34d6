extension Space {
    /// Reads a JSON text straight into an immutable piece: what `readJSON` and `Piece(freezing:)` give, but never with the
    /// document in memory twice. Meant for large documents; what it makes here meanwhile is gone afterwards.
    ///
    /// `expected` is a guess at the piece's size in bytes; memory of that size is taken at once, of which a system with
    /// virtual memory only provides what is used. The piece is attached, and the value is its own as seen from here. `passed` is told now and then how many bytes of the text are not looked
    /// at again. Errors are those of both; a piece that would exceed `limit` bytes is a `memoryLimit`.
    public func freezeJSON(
        _ text: UnsafeBufferPointer<UInt8>, options: JSONOptions = JSONOptions(), expected: Int = 0,
        limit: Int = .max, passed: ((Int) -> Void)? = nil
    ) throws(JSONError) -> (piece: Piece, value: Value) {
        guard text.count <= options.sizeLimit else { throw JSONError(.sizeLimit, offset: options.sizeLimit) }
        guard let start = text.baseAddress, text.count > 0 else { throw JSONError(.empty, offset: 0) }
        let usual = allocatesTemporaries
        allocatesTemporaries = true
        let mark = mark()
        defer {
            rewind(to: mark)
            jsonScratch.pointee.shapes.startDocument()
            allocatesTemporaries = usual
        }
        var writer = PieceWriter(source: self, expected: expected)
        writer.limit = limit
        guard writer.attach() else { throw JSONError(.sizeLimit, offset: 0) }
        var parser = JSONParser(start, count: text.count, space: self, scratch: jsonScratch, options: options)
        let drain = UnsafeMutablePointer<JSONDrain>.allocate(capacity: 1)
        drain.initialize(to: JSONDrain(writer, mark, passed))
        parser.drain = drain
        let result: Result<Value, JSONError>
        do throws(JSONError) { result = .success(try parser.document()) } catch { result = .failure(error) }
        // The stack of open containers is as large as the document's largest container.
        parser.finish()
        writer = drain.pointee.writer
        drain.deinitialize(count: 1)
        drain.deallocate()
        do throws(JSONError) {
            let value = try result.get()
            do throws(Fault) { return try writer.finished(value) } catch {
                throw JSONError(error.code == .depthLimit ? .depthLimit : .memoryLimit, offset: text.count)
            }
        } catch {
            writer.detach()
            writer.discard()
            throw error
        }
    }
}

/// Moves what a parser has finished into a piece, so that the memory it was made in can be used again.
struct JSONDrain {
    fileprivate(set) var writer: PieceWriter
    private let start: Mark
    private let passed: ((Int) -> Void)?
    /// Values on the parser's stack below this one lie in the piece.
    private var drained = 0

    fileprivate init(_ writer: PieceWriter, _ start: Mark, _ passed: ((Int) -> Void)?) {
        self.writer = writer
        self.start = start
        self.passed = passed
    }

    /// Whether so much was made that it is worth a look at the stack: chunks double, so that is half a megabyte or more.
    @inline(__always)
    func isDue(_ space: Space) -> Bool { space.mark().chunk &- start.chunk >= 3 }

    /// The stack is only so high now: what comes there next is new.
    @inline(__always)
    mutating func popped(to count: Int) { drained = min(drained, count) }

    /// Writes what is on the stack and a value above it; `at` bytes of the text are behind the parser.
    mutating func run(
        _ values: UnsafeMutablePointer<Value>, _ count: Int, _ value: Value, at: Int
    ) throws(JSONError) -> Value {
        do throws(Fault) {
            var index = drained
            while index < count {
                values[index] = try writer.writeHere(values[index])
                index &+= 1
            }
            drained = count
            let result = try writer.writeHere(value)
            writer.source.jsonScratch.pointee.shapes.startDocument()
            writer.source.rewind(to: start)
            passed?(at)
            return result
        } catch {
            throw JSONError(error.code == .depthLimit ? .depthLimit : .memoryLimit, offset: at)
        }
    }
}
