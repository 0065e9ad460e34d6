import WritFiles

/// What a disk has: files and folders by path.
public struct DiskImage: Hashable, Sendable {
    public var files: [String: [UInt8]] = [:]
    public var folders: Set<String> = []
}

/// What recorded operations made of a disk: what is on it for certain, and what only the system's memory has.
///
/// POSIX promises no more than this: of what was not synced any part may be on the disk, in any order, and no other.
/// A sector is written as a whole; a change of a folder's names likewise, so that a renamed file has one name.
struct DiskModel {
    static let sector = 512
    private static let page = 4096

    enum Change {
        case write(file: Int, offset: Int, bytes: [UInt8])
        case resize(file: Int, size: Int)
        case link(path: String, file: Int)
        case move(from: String, to: String, file: Int)
        case unlink(path: String)
        case makeFolder(String)
    }

    struct Entry {
        var change: Change
        /// Which operation it was.
        var index: Int
        var isDurable = false
    }

    private(set) var entries: [Entry] = []
    /// Numbers of what was opened → the file behind it.
    private var opened: [Int: Int] = [:]
    /// Names as a process sees them.
    private var names: [String: Int] = [:]
    private var fileCount = 0

    static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "" }
        return String(path[..<slash])
    }

    mutating func apply(_ operation: FileOperation, _ index: Int) {
        func add(_ change: Change) { entries.append(Entry(change: change, index: index)) }
        switch operation {
        case .open(let number, let path, let truncates):
            if let file = names[path] {
                opened[number] = file
                if truncates { add(.resize(file: file, size: 0)) }
            } else {
                fileCount += 1
                opened[number] = fileCount
                names[path] = fileCount
                add(.link(path: path, file: fileCount))
            }
        case .resize(let number, let size): add(.resize(file: opened[number] ?? 0, size: size))
        case .write(let number, let offset, let bytes):
            add(.write(file: opened[number] ?? 0, offset: offset, bytes: bytes))
        case .rename(let old, let new):
            guard let file = names.removeValue(forKey: old) else { return }
            names[new] = file
            add(.move(from: old, to: new, file: file))
        case .remove(let path):
            names[path] = nil
            add(.unlink(path: path))
        case .makeFolder(let path): add(.makeFolder(path))
        case .sync(let number, let range, let before):
            let file = opened[number] ?? 0
            let end =
                range.upperBound > Int.max - Self.page
                ? Int.max : (range.upperBound + Self.page - 1) / Self.page * Self.page
            for place in entries.indices where entries[place].index < before {
                switch entries[place].change {
                case .write(file, let offset, let bytes)
                where offset >= range.lowerBound / Self.page * Self.page && offset + bytes.count <= end:
                    entries[place].isDurable = true
                case .resize(file, _): entries[place].isDurable = true
                default: break
                }
            }
        case .syncFolder(let path, let before):
            for place in entries.indices where entries[place].index < before {
                switch entries[place].change {
                case .link(let name, _), .move(_, let name, _), .unlink(let name), .makeFolder(let name):
                    if Self.folder(of: name) == path { entries[place].isDurable = true }
                case .write, .resize: break
                }
            }
        case .mark: break
        }
    }

    /// What is in the system's memory only, by place in `entries`.
    var pending: [Int] { entries.indices.filter { !entries[$0].isDurable } }

    /// How many sectors a pending write has a part in.
    func sectors(_ place: Int) -> Int {
        guard case .write(_, let offset, let bytes) = entries[place].change, !bytes.isEmpty else { return 1 }
        return (offset + bytes.count - 1) / Self.sector - offset / Self.sector + 1
    }

    /// The disk where of the pending entries these got there: each with a mask of its sectors.
    func image(_ chosen: [Int: UInt64], below root: String) -> DiskImage {
        var contents: [Int: [UInt8]] = [:]
        var links: [String: Int] = [:]
        var folders: Set<String> = [root]
        for place in entries.indices {
            let entry = entries[place]
            let mask = entry.isDurable ? UInt64.max : chosen[place] ?? 0
            guard mask != 0 else { continue }
            switch entry.change {
            case .write(let file, let offset, let bytes):
                if mask == .max {
                    let count = contents[file, default: []].count
                    if count < offset + bytes.count {
                        contents[file, default: []] += [UInt8](repeating: 0, count: offset + bytes.count - count)
                    }
                    contents[file, default: []].replaceSubrange(offset..<offset + bytes.count, with: bytes)
                    continue
                }
                for (index, byte) in bytes.enumerated() {
                    let position = offset + index
                    let number = position / Self.sector - offset / Self.sector
                    guard number > 63 || mask & (1 << UInt64(number)) != 0 else { continue }
                    if contents[file, default: []].count <= position {
                        let count = contents[file, default: []].count
                        contents[file, default: []] += [UInt8](repeating: 0, count: position + 1 - count)
                    }
                    contents[file, default: []][position] = byte
                }
            case .resize(let file, let size):
                let count = contents[file, default: []].count
                if size == 0 {
                    contents[file] = []
                } else if count < size {
                    contents[file, default: []] += [UInt8](repeating: 0, count: size - count)
                }
            case .link(let path, let file): links[path] = file
            case .move(let old, let new, let file):
                links[old] = nil
                links[new] = file
            case .unlink(let path): links[path] = nil
            case .makeFolder(let path): folders.insert(path)
            }
        }
        var image = DiskImage()
        func isThere(_ folder: String) -> Bool {
            folder == root || folders.contains(folder) && isThere(Self.folder(of: folder))
        }
        for folder in folders where folder != root && folder.hasPrefix(root) && isThere(folder) {
            image.folders.insert(String(folder.dropFirst(root.count + 1)))
        }
        for (path, file) in links where path.hasPrefix(root) && isThere(Self.folder(of: path)) {
            image.files[String(path.dropFirst(root.count + 1))] = contents[file] ?? []
        }
        return image
    }
}
