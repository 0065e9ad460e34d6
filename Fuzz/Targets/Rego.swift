import RegoSyntax
import WritSource

/// Parses the text as a module and as a query, in both versions of the language.
func fuzzRego(_ text: UnsafeBufferPointer<UInt8>) {
    var sources = SourceMap()
    let id = sources.add(name: Array("fuzz.rego".utf8), text: Array(text))
    guard let file = sources.file(id) else { return }
    for version in [RegoVersion.v1, .v0] {
        var names = NameTable()
        let options = ParserOptions(version: version)
        let (module, found) = parseModule(file, options: options, names: &names)
        precondition(module != nil || !found.isEmpty, "neither a module nor an error")
        for diagnostic in found { check(diagnostic.span, text.count) }
        let (_, inQuery) = parseQuery(file, options: options, names: &names)
        for diagnostic in inQuery { check(diagnostic.span, text.count) }
    }
}

/// Places of errors lie inside the text.
private func check(_ span: Span?, _ count: Int) {
    guard let span else { return }
    precondition(span.start <= span.end && Int(span.end) <= count, "an error outside of the text")
}
