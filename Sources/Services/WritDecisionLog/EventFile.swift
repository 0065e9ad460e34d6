import Glibc

/// Events as lines of a file, which is renamed when it is large.
final class EventFile {
    private let settings: DecisionLogSettings.File
    private var file: Int32 = -1
    private var size = 0

    init(_ settings: DecisionLogSettings.File) { self.settings = settings }

    deinit { if file >= 0 { close(file) } }

    /// Appends events as lines and has them on the disk when it returns. Where it fails, none of them is there.
    func append(_ events: [[UInt8]]) throws(ShippingFailure) {
        try open()
        if size > 0, size + events.reduce(0, { $0 + $1.count + 1 }) > settings.maximumBytes { try rotate() }
        var text: [UInt8] = []
        for event in events {
            text += event
            text.append(UInt8(ascii: "\n"))
        }
        var rest = text[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                let number = errno
                // A part of a line would make the next one unreadable.
                ftruncate(file, off_t(size))
                throw failure("write", number)
            }
            rest = rest.dropFirst(count)
        }
        guard fdatasync(file) == 0 else { throw failure("sync", errno) }
        size += text.count
    }

    private func open() throws(ShippingFailure) {
        guard file < 0 else { return }
        file = Glibc.open(settings.path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw failure("open", errno) }
        var info = stat()
        size = fstat(file, &info) == 0 ? Int(info.st_size) : 0
    }

    private func rotate() throws(ShippingFailure) {
        close(file)
        file = -1
        for number in stride(from: settings.keep, to: 0, by: -1) {
            let old = number == 1 ? settings.path : "\(settings.path).\(number - 1)"
            rename(old, "\(settings.path).\(number)")
        }
        if settings.keep == 0 { unlink(settings.path) }
        try open()
    }

    private func failure(_ call: String, _ number: Int32) -> ShippingFailure {
        var buffer = [CChar](repeating: 0, count: 256)
        strerror_r(number, &buffer, buffer.count)
        let text = String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return ShippingFailure("\(settings.path): cannot \(call) the file of decisions: \(text)")
    }
}
