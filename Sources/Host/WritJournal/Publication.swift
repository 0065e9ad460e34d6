import Synchronization

/// The one word of a record that says that it is there, stored after everything else of it.
///
/// A process may be ended between any two stores: with release order no later state of the page holds the length
/// without the rest.
enum Publication {
    static func store(_ value: UInt32, at place: UnsafeMutableRawPointer) {
        atomicMemoryFence(ordering: .releasing)
        place.storeBytes(of: value, as: UInt32.self)
    }

    static func load(_ place: UnsafeRawPointer) -> UInt32 {
        let value = UInt32(littleEndian: place.loadUnaligned(as: UInt32.self))
        atomicMemoryFence(ordering: .acquiring)
        return value
    }
}
