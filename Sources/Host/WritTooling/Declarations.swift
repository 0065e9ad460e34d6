import Writ

// What compilation may be told by files: schemas and capabilities.

extension SchemaSet {
    /// Reads JSON schemas: one file describes `input`; the files of a folder stand below `schema` as they lie in the
    /// folder, `sub/x.json` at `schema.sub.x`.
    public static func load(_ path: String) throws(ProblemReport) -> SchemaSet {
        var schemas = SchemaSet()
        let path = FileSystem.clean(Loader.split("file://" + path).path)
        let problem: Problem?
        do throws(FileFailure) { problem = try schemas.add(path, at: [], depth: 0) } catch {
            problem = Problem(message: error.message)
        }
        if let problem { throw ProblemReport(.loading, [problem]) }
        return schemas
    }

    private mutating func add(_ path: String, at place: [[UInt8]], depth: Int) throws(FileFailure) -> Problem? {
        guard depth < 50 else { return Problem(message: "\(path): the folder contains itself or nests too deep") }
        guard try FileSystem.entry(path).isFolder else {
            let text = try FileSystem.read(path)
            do throws(SchemaSet.ReadFailure) { try add(Loader.withoutMark(text), at: place) } catch {
                return Problem(message: "\(path): \(error.message)")
            }
            return nil
        }
        for name in try FileSystem.names(in: path) {
            let inner = FileSystem.join(path, name)
            var part = Array(name.utf8)
            if try !FileSystem.entry(inner).isFolder { part.removeLast(FileSystem.ending(of: name).count) }
            if let problem = try add(inner, at: place + [part], depth: depth + 1) { return problem }
        }
        return nil
    }
}

extension Capabilities {
    /// The capabilities of a version, or those that a file of JSON lists.
    public static func load(_ fileOrVersion: String) throws(ProblemReport) -> Capabilities {
        if let known = Capabilities(version: fileOrVersion) { return known }
        return try read(fileOrVersion)
    }

    /// The capabilities that a file of JSON lists.
    public static func read(_ path: String) throws(ProblemReport) -> Capabilities {
        let text: [UInt8]
        do throws(FileFailure) { text = try FileSystem.read(path) } catch {
            throw ProblemReport(.loading, [Problem(message: error.message)])
        }
        do throws(Capabilities.ReadFailure) { return try Capabilities(reading: text) } catch {
            throw ProblemReport(.loading, [Problem(message: "\(path): \(error.message)")])
        }
    }
}
