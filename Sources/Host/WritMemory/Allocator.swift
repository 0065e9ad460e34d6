import CMalloc

/// What the C library's allocator keeps of memory that was freed.
public enum Allocator {
    /// Blocks of so many bytes come from the system one by one, and go back to it when they are freed.
    private static let wholeBlock: Int32 = 256 << 10

    /// Makes it keep little, for a process that runs for weeks. To be called before there are threads.
    ///
    /// By itself it keeps free memory for each thread, up to eight times as many pools as there are cores, and more of it
    /// the larger the blocks were that were ever freed: a server that holds 5 MiB came to hold 46.
    public static func keepLittle(threads: Int) {
        mallopt(M_ARENA_MAX, Int32(clamping: max(2, threads &+ 1)))
        mallopt(M_MMAP_THRESHOLD, wholeBlock)
        mallopt(M_TRIM_THRESHOLD, wholeBlock)
    }
}
