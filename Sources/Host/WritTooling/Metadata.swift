import Writ
import WritYAML

extension CompileOptions {
    /// Metadata blocks are read: their schemas describe documents, and what is wrong with them is an error.
    public mutating func readMetadata() {
        readYAML = { text in
            do throws(YAMLFailure) { return .json(try convertYAML(text)) } catch { return .failure(error.message) }
        }
    }
}
