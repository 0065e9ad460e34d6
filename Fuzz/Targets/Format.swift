import RegoSyntax
import WritSource

/// Lays out the text if it is a module: the result is a module with the same comments, and laying it out again changes
/// nothing.
func fuzzFormat(_ text: UnsafeBufferPointer<UInt8>) {
    let file = SourceFile(name: Array("fuzz.rego".utf8), text: Array(text))
    for version in [RegoVersion.v1, .v0] {
        var names = NameTable()
        let (module, errors) = parseModule(file, options: ParserOptions(version: version), names: &names)
        guard errors.isEmpty, let module else { continue }
        let options = FormatOptions(target: version)
        let result = format(module, of: file, options: options, names: names)
        let laidOut = SourceFile(name: file.name, text: result)
        let (again, found) = parseModule(laidOut, options: ParserOptions(version: version), names: &names)
        guard found.isEmpty, let again else { preconditionFailure("the layout of a module is none") }
        precondition(again.comments.count == module.comments.count, "comments were lost or made")
        precondition(again.rules.count == module.rules.count, "rules were lost or made")
        precondition(
            format(again, of: laidOut, options: options, names: names) == result, "a second pass changes the text")
    }
}
