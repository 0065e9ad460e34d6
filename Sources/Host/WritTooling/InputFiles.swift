/// Input documents of files and folders.
public enum InputFiles {
    /// The files at the paths, in their order; of folders all JSON and YAML files, sorted by name.
    public static func all(_ paths: [String]) throws(FileFailure) -> [(name: String, text: [UInt8])] {
        var found: [(name: String, text: [UInt8])] = []
        for path in paths { try add(path, &found, depth: 0) }
        return found
    }

    private static func add(
        _ path: String, _ found: inout [(name: String, text: [UInt8])], depth: Int
    ) throws(FileFailure) {
        guard try FileSystem.entry(path).isFolder else {
            let ending = FileSystem.ending(of: path)
            let isDocument = [".json", ".yaml", ".yml"].contains { Array($0.utf8) == ending }
            if depth == 0 || isDocument { found.append((path, try FileSystem.read(path))) }
            return
        }
        guard depth < 200 else { return }
        for name in try FileSystem.names(in: path) {
            try add(FileSystem.join(path, name), &found, depth: depth + 1)
        }
    }
}
