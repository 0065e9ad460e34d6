import Writ
import WritYAML

/// The operands of one call.
typealias Arguments = HostFunctions.Arguments

extension HostFunctions {
    /// Every builtin that this package provides: the façade's own and those of this library.
    public static let all: HostFunctions = {
        var functions = HostFunctions.standard
        functions.provideYAML()
        #if !WRIT_LIGHT
            functions.provideTokens()
            functions.provideCertificates()
        #endif
        #if !WRIT_LIGHT && !WRIT_KEYS
            functions.provideNetwork()
        #endif
        functions.readYAML = { readMetadata($0) }
        return functions
    }()
}
