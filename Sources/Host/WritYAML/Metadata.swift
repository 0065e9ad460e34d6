import Writ

/// Reads the YAML of a metadata block, as YAML 1.2 has it.
public func readMetadata(_ text: [UInt8]) -> MetadataText {
    var options = YAMLOptions()
    options.schema = .core
    do throws(YAMLFailure) { return .json(try convertYAML(text, options: options)) } catch {
        return .failure(error.message)
    }
}
