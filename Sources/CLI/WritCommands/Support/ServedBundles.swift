import Writ
import WritRuntime
import WritServer
import WritTooling

/// What a server serves: files, or bundles, of which each says at `data.system.bundles` what it is.
enum ServedBundles {
    static func load(
        _ paths: [String], _ options: LoaderOptions, _ compile: CompileOptions
    ) throws(ProblemReport) -> (snapshot: Snapshot, bundles: [ActiveBundle]) {
        let loaded = try Loader.load(paths, options: options)
        guard options.isBundle else { return (try Workspace.make(loaded, options.version, compile).snapshot, []) }
        var bundles: [ActiveBundle] = []
        var text = ByteBuffer()
        text.append("{\"system\":{\"bundles\":{")
        for (index, bundle) in loaded.bundles.enumerated() {
            if index > 0 { text.append(",") }
            bundles.append(
                ActiveBundle(name: bundle.name, revision: bundle.manifest.revision, roots: bundle.manifest.roots))
            text.appendJSONString(bundle.name)
            text.append(":{\"etag\":\"\",\"manifest\":{\"revision\":")
            text.appendJSONString(bundle.manifest.revision)
            text.append(",\"roots\":[")
            for (index, root) in bundle.manifest.roots.enumerated() {
                if index > 0 { text.append(",") }
                text.appendJSONString(root)
            }
            text.append("]}}")
        }
        text.append("}}}")
        do throws(DataFailure) { try loaded.data.add(text.bytes) } catch {
            throw ProblemReport(.loading, [Problem(message: "system.bundles: \(error.message)")])
        }
        return (try Workspace.make(loaded, options.version, compile).snapshot, bundles)
    }
}
