import Writ
import WritBundle
import WritRuntime
import WritServer
import WritTooling

/// What a server serves: files, or bundles, of which each says at `data.system.bundles` what it is.
struct ServedBundles: Sendable {
    let paths: [String]
    let options: LoaderOptions
    let compile: CompileOptions
    /// Which images are known to be good.
    let images: ImageRecords

    func load() throws(ProblemReport) -> (snapshot: Snapshot, bundles: [ActiveBundle]) {
        if options.isBundle, paths.count == 1, let path = paths.first, Bundles.isImage(path) {
            return try load(image: path)
        }
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
            text.append(":")
            Self.describe(bundle.manifest, &text)
        }
        text.append("}}}")
        do throws(DataFailure) { try loaded.data.add(text.bytes) } catch {
            throw ProblemReport(.loading, [Problem(message: "system.bundles: \(error.message)")])
        }
        return (try Workspace.make(loaded, options.version, compile).snapshot, bundles)
    }

    private static func describe(_ manifest: Manifest, _ text: inout ByteBuffer) {
        text.append("{\"etag\":\"\",\"manifest\":{\"revision\":")
        text.appendJSONString(manifest.revision)
        text.append(",\"roots\":[")
        for (index, root) in manifest.roots.enumerated() {
            if index > 0 { text.append(",") }
            text.appendJSONString(root)
        }
        text.append("]}}")
    }

    /// An image by itself: its data stays where it is mapped, what is said of it lies beside that.
    private func load(image path: String) throws(ProblemReport) -> (snapshot: Snapshot, bundles: [ActiveBundle]) {
        let file: ImageFile
        do throws(BundleFailure) {
            var compile = compile
            compile.queryVersion = options.version
            file = try images.open(
                path, options: compile, verification: options.verification,
                skipsVerification: !options.requiresVerification
            ).image
        } catch { throw ProblemReport(.loading, [Problem(message: error.message)]) }
        var text = ByteBuffer()
        Self.describe(file.manifest, &text)
        let snapshot = file.image.snapshot
        var transaction = DataTransaction(snapshot.data)
        let place = ["system", "bundles", path].map { Array($0.utf8) }
        do throws(StoreFailure) {
            try transaction.makeObjects(Array(place.dropLast()))
            try transaction.apply(.add, at: place, (try? transaction.space.readJSON(text.bytes)) ?? .null)
            let bundle = ActiveBundle(name: path, revision: file.manifest.revision, roots: file.manifest.roots)
            return (Snapshot(policy: snapshot.policy, data: try transaction.freeze()), [bundle])
        } catch { throw ProblemReport(.loading, [Problem(message: "system.bundles: \(error.message)")]) }
    }
}
