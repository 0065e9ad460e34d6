import Synchronization
import Writ
import WritBundle

/// Puts bundles in place of what is served: policies and data of one bundle at a time, all of it or nothing.
final class BundleActivator: Sendable {
    private struct Active {
        var roots: [String]
        var revision: String
    }

    /// The bundles that this made active. Held as long as an activation takes, so that they are in step with the store.
    private let active = Mutex<[String: Active]>([:])

    /// Activates a bundle. Gives the nanoseconds that compiling took. Blocks.
    func activate(
        _ bundle: LoadedBundle, etag: String, _ settings: BundleSettings, in store: any PolicyStore
    ) throws(ActivationFailure) -> UInt64 {
        let result: Result<UInt64, ActivationFailure> = active.withLock { active in
            do throws(ActivationFailure) {
                let former = active[settings.name]
                let change = try store.change { (change) throws(ActivationFailure) in
                    if let changes = bundle.changes {
                        try Self.apply(changes, of: bundle, etag, settings.name, former, to: &change)
                    } else {
                        try Self.put(bundle, etag, settings, former, to: &change)
                    }
                    Self.own(bundle, settings.name, &change)
                }
                active[settings.name] = Active(roots: bundle.manifest.roots, revision: bundle.manifest.revision)
                return .success(change.compiled)
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    /// Takes away what a bundle brought. Blocks.
    func deactivate(_ name: String, in store: any PolicyStore) throws(ActivationFailure) {
        let result: Result<Void, ActivationFailure> = active.withLock { active in
            guard let former = active[name] else { return .success(()) }
            do throws(ActivationFailure) {
                try store.change { (change) throws(ActivationFailure) in
                    let roots = former.roots.map(Self.steps)
                    Self.erase(roots, from: &change)
                    if let data = change.data, data.parts.contains(where: { $0.isLent }) {
                        change.data = try Self.lay(nil, "", data, outside: roots, at: Self.place(of: name))
                        change.bundles.removeAll { $0.name == name }
                        return
                    }
                    let builder = BundleData()
                    do throws(DataFailure) {
                        if let data = change.data {
                            try builder.builder.keep(data, outside: roots + [Self.place(of: name)])
                        }
                        change.data = try builder.builder.freeze()
                    } catch { throw ActivationFailure(error.message) }
                    change.bundles.removeAll { $0.name == name }
                }
                active[name] = nil
                return .success(())
            } catch {
                return .failure(error)
            }
        }
        try result.get()
    }

    // MARK: Whole bundles

    private static func put(
        _ bundle: LoadedBundle, _ etag: String, _ settings: BundleSettings, _ former: Active?,
        to change: inout StoreChange
    ) throws(ActivationFailure) {
        let manifest = bundle.manifest
        try checkOverlaps(settings.name, manifest.roots, change.bundles)
        let erased = (manifest.roots + (former?.roots ?? [])).map(steps)
        erase(erased, from: &change)
        let files = bundle.modules.map { module in
            var file = module.file
            let id = settings.isLegacy ? module.path : "\(settings.name)/\(module.path)"
            file.name = Array(id.split(separator: "/").joined(separator: "/").utf8)
            return file
        }
        let ids = Set(files.map(\.id))
        change.files.removeAll { ids.contains($0.id) }
        change.files += files
        let place = place(of: settings.name)
        if bundle.image != nil || change.data?.parts.contains(where: { $0.isLent }) == true {
            change.data = try lay(bundle, etag, change.data, outside: erased, at: place)
            return
        }
        do throws(DataFailure) {
            // What stays is added to the bundle's data rather than the other way round: that is larger, and is copied
            // once.
            if let data = change.data { try bundle.data.builder.keep(data, outside: erased + [place]) }
        } catch {
            throw ActivationFailure("the bundle's data meets other data that is no object: \(error.message)")
        }
        do throws(DataFailure) {
            try bundle.data.builder.remove(at: place)
            try bundle.data.builder.add(description(bundle, etag), at: place)
            change.data = try bundle.data.builder.freeze()
        } catch { throw ActivationFailure("system.bundles: \(error.message)") }
    }

    /// The bundle's data beside what stays of the rest, where some of both lies in a mapped file: that stays there.
    private static func lay(
        _ bundle: LoadedBundle?, _ etag: String, _ rest: Piece?, outside erased: [[[UInt8]]], at place: [[UInt8]]
    ) throws(ActivationFailure) -> Piece {
        var own: Piece?
        do throws(DataFailure) { if let bundle { own = try data(bundle) } } catch {
            throw ActivationFailure(error.message)
        }
        var transaction = DataTransaction(own)
        do throws(StoreFailure) {
            if transaction.value(at: place).isDefined { try transaction.apply(.remove, at: place) }
            if let rest { try transaction.keep(rest, outside: erased + [place]) }
        } catch {
            throw ActivationFailure("the bundle's data meets other data that is no object: \(error.message)")
        }
        do throws(StoreFailure) {
            if let bundle {
                try transaction.makeObjects(Array(place.dropLast()))
                try transaction.apply(.add, at: place, read(description(bundle, etag), transaction.space))
            }
            return try transaction.freeze()
        } catch { throw ActivationFailure("system.bundles: \(error.message)") }
    }

    private static func data(_ bundle: LoadedBundle) throws(DataFailure) -> Piece? {
        if let image = bundle.image { return image.image.snapshot.data }
        return try bundle.data.builder.freeze()
    }

    /// Takes away policies whose packages lie in roots.
    private static func erase(_ roots: [[[UInt8]]], from change: inout StoreChange) {
        change.files.removeAll { file in
            guard let package = PackageName.of(file) else { return false }
            return roots.contains { package.steps.starts(with: $0) }
        }
    }

    // MARK: Changes

    private static func apply(
        _ changes: [LoadedBundle.Change], of bundle: LoadedBundle, _ etag: String, _ name: String,
        _ former: Active?, to change: inout StoreChange
    ) throws(ActivationFailure) {
        guard let former else {
            throw ActivationFailure("delta bundle '\(name)' changes a bundle that is not active")
        }
        guard Set(former.roots) == Set(bundle.manifest.roots) else {
            throw ActivationFailure(
                "delta bundle '\(name)' has wasm resolvers or manifest roots that are different from those in the store"
            )
        }
        // What does not change is shared with the data before.
        var transaction = DataTransaction(change.data)
        do throws(StoreFailure) {
            for change in changes {
                switch change.change {
                case .upsert(let json):
                    let value = read(json, transaction.space)
                    if !change.path.isEmpty { try transaction.makeObjects(Array(change.path.dropLast())) }
                    try transaction.apply(.add, at: change.path, value)
                case .replace(let json):
                    try transaction.apply(.replace, at: change.path, read(json, transaction.space))
                case .remove: try transaction.apply(.remove, at: change.path)
                }
            }
            let place = place(of: name)
            try transaction.makeObjects(Array(place.dropLast()))
            try transaction.apply(.add, at: place, read(description(bundle, etag), transaction.space))
            change.data = try transaction.freeze()
        } catch {
            throw ActivationFailure("delta bundle '\(name)': \(error.message)")
        }
    }

    private static func read(_ json: [UInt8], _ space: Space) -> Value {
        // It was read before, when the bundle was.
        (try? space.readJSON(json)) ?? .null
    }

    // MARK: What both do

    /// What policies find at `data.system.bundles` of a bundle.
    private static func description(_ bundle: LoadedBundle, _ etag: String) -> [UInt8] {
        var text = ByteBuffer()
        text.append("{\"manifest\":")
        text.append((try? bundle.manifest.json()) ?? Array("{}".utf8))
        text.append(",\"etag\":")
        text.appendJSONString(etag)
        text.append("}")
        return text.bytes
    }

    /// Notes who owns what.
    private static func own(_ bundle: LoadedBundle, _ name: String, _ change: inout StoreChange) {
        change.bundles.removeAll { $0.name == name }
        change.bundles.append(
            ActiveBundle(name: name, revision: bundle.manifest.revision, roots: bundle.manifest.roots))
        change.bundles.sort { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    }

    private static func place(of name: String) -> [[UInt8]] {
        [Array("system".utf8), Array("bundles".utf8), Array(name.utf8)]
    }

    private static func steps(_ root: String) -> [[UInt8]] {
        root.utf8.split(separator: UInt8(ascii: "/")).map { Array($0) }
    }

    /// Refuses a bundle that would own what another owns.
    private static func checkOverlaps(
        _ name: String, _ roots: [String], _ others: [ActiveBundle]
    ) throws(ActivationFailure) {
        var names: Set<String> = []
        var empty: Set<String> = []
        var conflicts: Set<String> = []
        for other in others where other.name != name {
            for theirs in other.roots ?? [""] {
                for ours in roots where Manifest.overlap(ours, theirs) {
                    names.formUnion([name, other.name])
                    if ours.isEmpty { empty.insert(name) }
                    if theirs.isEmpty { empty.insert(other.name) }
                    conflicts.insert(
                        ours == theirs
                            ? "root \(ours) is in multiple bundles"
                            : "\(min(ours, theirs)) overlaps \(max(ours, theirs))")
                }
            }
        }
        guard !names.isEmpty else { return }
        func list(_ names: Set<String>) -> String { names.sorted().joined(separator: ", ") }
        guard empty.isEmpty else {
            throw ActivationFailure(
                "bundles [\(list(names))] have overlapping roots and cannot be activated simultaneously because "
                    + "bundle(s) [\(list(empty))] specify empty root paths ('') which overlap with any other bundle root"
            )
        }
        throw ActivationFailure(
            "detected overlapping roots in manifests for these bundles: [\(list(names))] (\(list(conflicts)))")
    }
}
