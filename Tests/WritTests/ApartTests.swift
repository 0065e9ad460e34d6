import Testing
import Writ

/// Modules compile apart: a later compilation costs what changed, and gives what a full one gives.
@Suite struct ApartTests {
    // MARK: Work

    /// Modules that depend on each other: each on rules of the three before it and on a library.
    private static func module(_ number: Int) -> PolicyFile {
        var text = "package m\(number)\n\nimport data.lib\n\ndefault allow := false\n\n"
        text += "level := \(number % 7)\n\nlimits := {\"low\": \(number), \"high\": \(number + 10)}\n\n"
        for other in max(0, number - 3)..<number {
            text += "allow if {\n    input.tier == \(other % 5)\n    data.m\(other).level < level\n"
            text += "    some role in data.m\(other).roles\n    lib.fits(role, input.role)\n}\n\n"
        }
        text +=
            "allow if {\n    input.user == \"u\(number)\"\n    input.size >= limits.low\n    input.size < limits.high\n}\n\n"
        text +=
            "roles contains name if {\n    some name in input.roles\n    startswith(name, \"r\(number % 10)\")\n}\n\n"
        text += "roles contains \"r\(number)\"\n"
        return PolicyFile(name: "m\(number).rego", text: Array(text.utf8))
    }

    private static let library = PolicyFile(
        name: "lib.rego",
        text: Array("package lib\n\nfits(a, b) if lower(a) == lower(b)\n\nunused := 1\n".utf8))

    private static func modules(_ count: Int) -> [PolicyFile] { [library] + (0..<count).map { module($0) } }

    private static func changed(_ file: PolicyFile, _ old: String, _ new: String) -> PolicyFile {
        let text = String(decoding: file.text, as: UTF8.self)
        let place = text.range(of: old)
        return PolicyFile(
            name: String(decoding: file.name, as: UTF8.self),
            text: Array((text[..<place.lowerBound] + new + text[place.upperBound...]).utf8))
    }

    /// A compiler that has compiled 2,000 modules.
    private static let compiled: Result<PolicyCompiler, CompileFailure> = {
        var compiler = PolicyCompiler()
        do throws(CompileFailure) { _ = try compiler.compile(modules(2_000)) } catch { return .failure(error) }
        return .success(compiler)
    }()

    /// The work of compiling 2,000 modules, and that of compiling again with `edit` made.
    private static func work(_ edit: (inout [PolicyFile]) -> Void) throws -> (full: CompileWork, again: CompileWork) {
        var files = modules(2_000)
        var compiler = try compiled.get()
        let full = compiler.work
        edit(&files)
        _ = try compiler.compile(files)
        return (full, compiler.work)
    }

    @Test func nothingChanged() throws {
        let (full, again) = try Self.work { _ in }
        #expect(again.bytesParsed == 0 && again.expressionsResolved == 0 && again.statementsLowered == 0)
        #expect(again.total * 20 < full.total, "\(again) of \(full)")
    }

    @Test func changedBody() throws {
        let (full, again) = try Self.work { files in
            files[1_001] = Self.changed(files[1_001], "input.user == \"u1000\"", "input.user == \"other\"")
        }
        #expect(again.total * 20 < full.total, "\(again) of \(full)")
        #expect(again.expressionsResolved > 0 && again.expressionsResolved < 60)
    }

    @Test func addedRule() throws {
        let (full, again) = try Self.work { files in
            files[1_001] = Self.changed(files[1_001], "level :=", "extra := input.x\n\nlevel :=")
        }
        #expect(again.total * 8 < full.total, "\(again) of \(full)")
        #expect(again.statementsLowered < 200)
    }

    @Test func removedRule() throws {
        let (full, again) = try Self.work { files in
            files[0] = Self.changed(files[0], "unused := 1\n", "")
        }
        #expect(again.total * 8 < full.total, "\(again) of \(full)")
        #expect(again.expressionsResolved < 60)
    }

    @Test func changedType() throws {
        // Three modules compare the level of module 1,000: they, and what is above them, are looked at again.
        let (full, again) = try Self.work { files in
            files[1_001] = Self.changed(files[1_001], "level := 6", "level := \"six\"")
        }
        #expect(again.expressionsTyped > 10 && again.expressionsTyped < 200)
        #expect(again.total * 20 < full.total, "\(again) of \(full)")
    }

    @Test func failuresKeepTheRest() throws {
        var files = Self.modules(200)
        var compiler = PolicyCompiler()
        let good = files[100]
        files[100] = Self.changed(files[100], "level :=", "level := := ")
        do throws(CompileFailure) {
            _ = try compiler.compile(files)
            Issue.record("compiled")
        } catch { #expect(error.diagnostics.count >= 1) }
        files[100] = Self.changed(good, "input.size >=", "nobody.size >=")
        do throws(CompileFailure) {
            _ = try compiler.compile(files)
            Issue.record("compiled")
        } catch { #expect(error.diagnostics.first?.code == DiagnosticCode("rego_unsafe_var_error")) }
        #expect(compiler.work.bytesParsed == files[100].text.count)
        files[100] = good
        _ = try compiler.compile(files)
        #expect(compiler.work.bytesParsed == good.text.count)
        #expect(compiler.work.expressionsResolved < 60)
    }

    @Test func queryCompilesAlone() throws {
        var compiler = try Self.compiled.get()
        let full = compiler.work
        let snapshot = Snapshot(policy: try compiler.compile(Self.modules(2_000)))
        let query = try PreparedQuery.prepare(Array("data.m1500.allow = x; data.m3.roles[r]".utf8), for: snapshot)
        #expect(query.work.total * 20 < full.total, "\(query.work) of \(full)")
        #expect(query.work.statementsLowered < 60)
        #expect(query.work.instructionsAssembled < 100)
        let mocking = try PreparedQuery.prepare(
            Array("data.m1500.allow with data.m1499.level as 0 with input as {\"tier\": 4}".utf8), for: snapshot)
        #expect(mocking.work.total * 20 < full.total)
    }
}

extension StringProtocol {
    /// Where a text first stands; the end where it does not.
    func range(of other: String) -> Range<Index> {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(other) { return start..<index(start, offsetBy: other.count) }
            start = index(after: start)
        }
        return endIndex..<endIndex
    }
}
