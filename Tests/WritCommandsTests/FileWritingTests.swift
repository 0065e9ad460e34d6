import Foundation
import Testing
import WritFiles
import WritTooling

/// Files that commands write: whole, on the disk, and through nobody's links.
@Suite struct FileWritingTests {
    @Test func whatIsWrittenIsOnTheDisk() throws {
        let bench = try Workbench(["f": "old"])
        let trace = FileTrace()
        try FileCalls(recording: trace).save(Array("new".utf8), to: bench.path + "/f")
        let kinds = trace.operations.map { operation in
            switch operation {
            case .open: "open"
            case .write: "write"
            case .sync: "sync"
            case .rename: "rename"
            case .syncFolder: "syncFolder"
            default: "other"
            }
        }
        #expect(kinds == ["open", "write", "sync", "rename", "syncFolder"])
        #expect(try FileSystem.read(bench.path + "/f") == Array("new".utf8))
        #expect(try FileManager.default.contentsOfDirectory(atPath: bench.path) == ["f"])
    }

    @Test func linksAreNotFollowed() throws {
        let bench = try Workbench(["victim": "old"])
        let path = bench.path + "/f"
        for name in ["f.writing", "f.part-\(getpid())", "secret"] {
            try FileManager.default.createSymbolicLink(
                atPath: bench.path + "/" + name, withDestinationPath: bench.path + "/victim")
        }
        try FileSystem.save([1], to: path)
        #expect(throws: FileFailure.self) { try FileSystem.saveSecret([2], to: bench.path + "/secret") }
        #expect(throws: FileFailure.self) { try FileSystem.saveSecret([2], to: path) }
        #expect(try FileSystem.read(bench.path + "/victim") == Array("old".utf8))
        #expect(try FileSystem.read(path) == [1])
    }

    @Test func whatIsNotGoodIsNotPutInPlace() throws {
        let bench = try Workbench(["f": "old"])
        let path = bench.path + "/f"
        struct Bad: Error {}
        #expect(throws: Bad.self) {
            try FileSystem.save([1], to: path) { temporary in
                #expect(try FileSystem.read(temporary) == [1])
                throw Bad()
            }
        }
        #expect(try FileSystem.read(path) == Array("old".utf8))
        #expect(try FileManager.default.contentsOfDirectory(atPath: bench.path) == ["f"])
        try FileSystem.remove(path)
        try FileSystem.remove(path)
        #expect(!FileManager.default.fileExists(atPath: path))
        #expect(throws: FileFailure.self) { try FileSystem.save([1], to: bench.path + "/none/f") }
    }
}
