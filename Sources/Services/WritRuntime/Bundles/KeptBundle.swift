/// The last good bundle of a name, kept on disk so that it is active again before any service was asked.
enum KeptBundle {
    static let fileName = "bundle.tar.gz"

    /// Where the bundle of a name is kept.
    static func folder(_ name: String, _ context: RuntimeContext) -> String {
        "\(context.settings.persistenceFolder)/bundles/\(name)"
    }

    /// Keeps an archive in place of the one before; gives what went wrong.
    static func save(_ archive: [UInt8], in folder: String) async -> String? {
        await BundlePoller.offline { () -> String? in
            do throws(ServiceFailure) { try Files.save(archive, as: fileName, in: folder) } catch {
                return error.message
            }
            return nil
        }
    }

    /// Reads and verifies what is kept; nil where nothing is. What was left of a saving that did not end goes.
    static func load(_ settings: BundleSettings, from folder: String) async -> BundleUpdate.Outcome? {
        let limit = BundlePoller.limits(settings).totalSize
        let content = await BundlePoller.offline { () -> Result<[UInt8]?, ServiceFailure> in
            Files.removeRemains(of: fileName, in: folder)
            do throws(ServiceFailure) {
                return .success(try Files.content("\(folder)/\(fileName)", limit: limit))
            } catch { return .failure(error) }
        }
        switch content {
        case .failure(let failure): return .failed(BundleProblem(failure.message))
        case .success(nil): return nil
        case .success(let archive?): return await BundlePoller.read(archive: archive, etag: "", settings).outcome
        }
    }
}
