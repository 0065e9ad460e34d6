import Writ

/// Makes an event smaller that does not fit otherwise.
enum EventTrimming {
    /// The event without what builtins gave, or nil where it tells none.
    static func withoutResults(_ event: [UInt8]) -> [UInt8]? {
        let space = Space.create(memoryLimit: 1 << 30)
        defer { space.destroy() }
        guard let key = try? space.string("nd_builtin_cache"), let value = try? space.readJSON(event),
            space.member(value, key).isDefined, let smaller = try? space.setting(value, key, to: .undefined)
        else { return nil }
        return try? space.json(smaller)
    }
}
