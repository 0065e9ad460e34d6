import WritBuiltins
import WritPlan
import WritVM

/// A compiled policy and its data as one position-independent piece of memory, such as a mapped file.
///
/// The data is used in place. The plan is read and made into a program when the image is opened, which takes
/// milliseconds; the modules' texts are there for error messages, and for queries that ask for more than documents.
public struct PolicyImage: Sendable {
    /// The policy with its data.
    public let snapshot: Snapshot
    /// The manifest of the bundle that it was made of, as JSON.
    public let manifest: [UInt8]
    public let layout: ImageLayout
    private let constants: Piece

    /// Opens an image whose memory begins at a multiple of 16 and stays as it is until `release` is called.
    ///
    /// Whatever the bytes are, nothing outside of them is read, now or later. That they are what was written is what
    /// `ImageLayout.verify` and `verify` find out. Throws also for a policy that needs builtins that are not there.
    public init(
        opening bytes: UnsafeRawBufferPointer, options: CompileOptions = CompileOptions(),
        release: @escaping @Sendable () -> Void
    ) throws(ImageFailure) {
        layout = try ImageLayout(reading: bytes)
        let sections = layout.sections.map { section in
            UnsafeRawBufferPointer(rebasing: bytes[section.range]).bindMemory(to: UInt8.self)
        }
        guard sections.count == 5, let constantsRoot = layout[.constants]?.root, let dataRoot = layout[.data]?.root
        else {
            throw .damaged("its table does not have the sections of this version")
        }
        manifest = Array(sections[0])
        let files = try ImageModules.files(sections[1])
        // The constants are copied: they are small, and live as long as any query that is made for the policy.
        constants = Piece(copying: sections[3], root: constantsRoot)
        let policy = try Self.policy(sections[2], constants, files, options)
        guard let data = Piece(at: sections[4], root: dataRoot, release: release) else {
            throw .damaged("its memory does not begin where it must")
        }
        snapshot = Snapshot(policy: policy, data: data)
    }

    /// Checks that the frozen values are as freezing makes them. Takes time with their size.
    public func verify() throws(ImageFailure) {
        guard let data = snapshot.data, data.innerRoot.isObject, constants.innerRoot.isArray else {
            throw .damaged("its data is no object")
        }
        do throws(Fault) {
            try constants.verify()
            try data.verify()
        } catch { throw .damaged("its data is not as it is written") }
    }

    /// The data as JSON text.
    public func dataJSON() throws(DataFailure) -> [UInt8] {
        guard let data = snapshot.data else { return Array("{}".utf8) }
        let space = Space.create(memoryLimit: .max)
        defer { space.destroy() }
        do throws(Fault) { return try space.json(space.root(of: data, attachedAs: space.attach(data))) } catch {
            throw DataFailure(reason: .limit, message: DecisionFailure.message(of: error.code))
        }
    }

    /// The bytes of an image of a policy that was compiled without traces, and its data.
    public static func bytes(
        of snapshot: Snapshot, manifest: [UInt8], sha256: (UnsafeRawBufferPointer) -> [UInt8]
    ) throws(ImageFailure) -> [UInt8] {
        let policy = snapshot.policy
        let names = policy.files.map { $0.name }
        guard policy.sources.files.map({ $0.name }) == names else {
            throw ImageFailure(.unsupported, "only a policy that was compiled at once has an image")
        }
        let plan: [UInt8]
        do throws(PlanError) {
            plan = try policy.plan.encoded { number in
                Registry.all.indices.contains(number) ? Registry.all[number].name.withUTF8Buffer { Array($0) } : nil
            }
        } catch { throw ImageFailure(.unsupported, String(decoding: error.message, as: UTF8.self)) }
        let (constants, data): (Piece, Piece)
        do throws(Fault) {
            constants = try Self.constants(of: policy.plan)
            data = try Self.data(of: snapshot)
        } catch { throw ImageFailure(.limit, "the data is too large or too deep for an image") }
        return ImageLayout.image(
            [
                (.manifest, manifest, .undefined), (.modules, ImageModules.bytes(of: policy.files), .undefined),
                (.plan, plan, .undefined), (.constants, constants.withBytes { Array($0) }, constants.innerRoot),
                (.data, data.withBytes { Array($0) }, data.innerRoot),
            ], sha256: sha256)
    }
}

extension PolicyImage {
    private static func policy(
        _ bytes: UnsafeBufferPointer<UInt8>, _ constants: Piece, _ files: [PolicyFile], _ options: CompileOptions
    ) throws(ImageFailure) -> Policy {
        var plan: Plan
        do throws(PlanError) {
            plan = try Plan.decode(bytes, constants: constants) { name in
                guard let number = Registry.find(name) else { return nil }
                switch Registry.all[number].kind {
                case .missing: return nil
                case .host(.function): return options.functions[number] == nil ? nil : number
                default: return number
                }
            }
            try plan.validate { Registry.all.indices.contains($0) ? Registry.all[$0].parameters.count : nil }
        } catch {
            let message = String(decoding: error.message, as: UTF8.self)
            guard error.reason == .unsupported else {
                throw .damaged("its plan \(message) at \(String(decoding: error.place, as: UTF8.self))")
            }
            throw ImageFailure(.unsupported, "the image's policy \(message)")
        }
        plan.sources = files.map { $0.name }
        let program: Program
        do throws(Fault) { program = try Program.assemble(plan) } catch { throw .damaged("its plan cannot be run") }
        var sources = SourceMap()
        for file in files { _ = sources.add(name: file.name, text: file.text) }
        let reader = PlanConstants(plan)
        defer { reader.close() }
        let keys = plan.documents.map { node in node.key.map { reader.space.bytes(reader[$0]) } ?? [] }
        return Policy(sources: sources, files: files, options: options, plan: plan, program: program, keys: keys)
    }

    /// All constants of a plan as one piece that stands alone.
    private static func constants(of plan: Plan) throws(Fault) -> Piece {
        let reader = PlanConstants(plan)
        defer { reader.close() }
        var list = ValueList()
        for index in 0..<plan.constantCount {
            try list.append(reader[Int32(truncatingIfNeeded: index)], in: reader.space)
        }
        return try Piece(freezing: reader.space.array(list), of: reader.space)
    }

    /// The data as one piece that stands alone.
    private static func data(of snapshot: Snapshot) throws(Fault) -> Piece {
        let space = Space.create(memoryLimit: .max)
        defer { space.destroy() }
        guard let data = snapshot.data else { return try Piece(freezing: .emptyObject, of: space) }
        if data.parts.count == 1 { return data }
        return try Piece(freezing: space.root(of: data, attachedAs: space.attach(data)), of: space)
    }
}
