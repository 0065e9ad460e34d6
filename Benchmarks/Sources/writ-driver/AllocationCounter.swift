import Foundation

/// The counter of `Allocations/counter.c`, where LD_PRELOAD brought it.
enum AllocationCounter {
    static func read() -> UInt64? {
        guard let symbol = dlsym(nil, "writ_allocation_count") else { return nil }
        typealias Count = @convention(c) () -> UInt64
        return unsafeBitCast(symbol, to: Count.self)()
    }
}
