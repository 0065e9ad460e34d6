import Glibc

/// The pages of the program's own file that are in memory.
enum ProgramPages {
    /// Gives back those of its code and constants, which are only read: most of what a start touches (relocations, tables
    /// of the language's runtime, what reads files and flags) is never looked at again. What is needed still is mapped
    /// again from the page cache when it is next touched. Without it they count as the process's memory for good.
    static func giveBack() {
        _ = dl_iterate_phdr(
            { info, _, _ in
                guard let program = info?.pointee, let headers = program.dlpi_phdr else { return 1 }
                let page = UInt(sysconf(Int32(_SC_PAGESIZE)))
                for index in 0..<Int(program.dlpi_phnum) {
                    let header = headers[index]
                    // Segments that are written to hold what relocation put there.
                    guard header.p_type == 1, header.p_flags & 2 == 0 else { continue }
                    let start = UInt(program.dlpi_addr) &+ UInt(header.p_vaddr)
                    let end = (start &+ UInt(header.p_filesz)) & ~(page - 1)
                    let first = start & ~(page - 1)
                    guard end > first, let address = UnsafeMutableRawPointer(bitPattern: first) else { continue }
                    madvise(address, Int(end - first), MADV_DONTNEED)
                }
                // The first is the program itself; libraries are shared with others.
                return 1
            }, nil)
    }
}
