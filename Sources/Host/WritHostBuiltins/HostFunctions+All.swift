import Writ

extension HostFunctions {
    /// Every builtin that this package provides: the façade's own and those of this library.
    public static let all: HostFunctions = {
        var functions = HostFunctions()
        functions.provideYAML()
        return functions
    }()
}
