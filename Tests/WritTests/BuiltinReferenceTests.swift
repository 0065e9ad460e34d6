import Glibc
import Testing
import Writ

/// The pages in `Docs/builtins` are what the declarations say: `writ builtins --pages Docs/builtins` renews them.
struct BuiltinReferenceTests {
    @Test func pagesAreUpToDate() throws {
        let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        for page in BuiltinReference.pages {
            let path = "/\(root)/Docs/builtins/\(page.name)"
            guard let file = fopen(path, "rb") else {
                Issue.record("\(path) is not there")
                continue
            }
            defer { fclose(file) }
            var bytes = [UInt8](repeating: 0, count: 1 << 20)
            let count = fread(&bytes, 1, bytes.count, file)
            let isSame = Array(page.text.utf8) == Array(bytes[..<count])
            #expect(isSame, "\(page.name) is not what the declarations say")
        }
    }

    @Test func everyBuiltinHasASection() {
        #expect(BuiltinReference.all.allSatisfy { !$0.meaning.isEmpty && $0.markdown.contains($0.signature) })
        #expect(BuiltinReference.named("count")?.family == "core")
        #expect(BuiltinReference.named("plus")?.infix == "+")
        #expect(BuiltinReference.named("nothing") == nil)
    }
}
