import WritBundle

/// What servers know the modules of a bundle by that the command line names.
enum ModuleID {
    /// The bundle's name, and behind it the name of the module's file.
    static func of(_ module: LoadedBundle.Module, in bundle: String) -> [UInt8] {
        joined(path(of: bundle), String(decoding: module.file.name, as: UTF8.self))
    }

    /// A bundle may be named by the address of a file: its path counts then.
    private static func path(of bundle: String) -> String {
        let scheme = "file://"
        return bundle.hasPrefix(scheme) ? String(bundle.dropFirst(scheme.count)) : bundle
    }

    /// Both paths, one behind the other, without steps that lead nowhere.
    private static func joined(_ one: String, _ other: String) -> [UInt8] {
        let slash = UInt8(ascii: "/")
        let bytes = Array("\(one)/\(other)".utf8)
        var steps: [ArraySlice<UInt8>] = []
        let isAbsolute = bytes.first == slash
        for step in bytes.split(separator: slash) {
            if step.elementsEqual(".".utf8) { continue }
            if step.elementsEqual("..".utf8) {
                if let last = steps.last, !last.elementsEqual("..".utf8) {
                    steps.removeLast()
                } else if !isAbsolute {
                    steps.append(step)
                }
                continue
            }
            steps.append(step)
        }
        return (isAbsolute ? [slash] : []) + Array(steps.joined(separator: [slash]))
    }
}
