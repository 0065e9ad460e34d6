import Writ

#if WRIT_HOST
    import WritHostBuiltins
#endif

extension TestCase {
    /// The builtins of the host's libraries, where this program is built with them.
    static var functions: HostFunctions {
        #if WRIT_HOST
            .all
        #else
            .standard
        #endif
    }
}
