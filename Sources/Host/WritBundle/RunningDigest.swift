import Writ

#if !WRIT_LIGHT
    import Crypto
#endif

/// The digest of content that comes part by part.
struct RunningDigest {
    private enum State {
        #if !WRIT_LIGHT
            case sha256(SHA256)
            case sha384(SHA384)
            case sha512(SHA512)
        #endif
        /// For kinds that are only hashed as a whole.
        case whole(ContentHash, [UInt8])
    }

    private var state: State

    init(_ algorithm: ContentHash) {
        #if !WRIT_LIGHT
            // The library uses the processor's instructions for these.
            switch algorithm {
            case .sha256: state = .sha256(SHA256())
            case .sha384: state = .sha384(SHA384())
            case .sha512: state = .sha512(SHA512())
            default: state = .whole(algorithm, [])
            }
        #else
            state = .whole(algorithm, [])
        #endif
    }

    mutating func update(_ part: UnsafeBufferPointer<UInt8>) {
        let bytes = UnsafeRawBufferPointer(part)
        switch state {
        #if !WRIT_LIGHT
            case .sha256(var hash):
                hash.update(bufferPointer: bytes)
                state = .sha256(hash)
            case .sha384(var hash):
                hash.update(bufferPointer: bytes)
                state = .sha384(hash)
            case .sha512(var hash):
                hash.update(bufferPointer: bytes)
                state = .sha512(hash)
        #endif
        case .whole(let algorithm, var content):
            state = .whole(algorithm, [])
            content += bytes
            state = .whole(algorithm, content)
        }
    }

    mutating func update(_ content: [UInt8]) { content.withUnsafeBufferPointer { update($0) } }

    func finish() -> [UInt8] {
        switch state {
        #if !WRIT_LIGHT
            case .sha256(let hash): Array(hash.finalize())
            case .sha384(let hash): Array(hash.finalize())
            case .sha512(let hash): Array(hash.finalize())
        #endif
        case .whole(let algorithm, let content): content.withUnsafeBufferPointer { algorithm.digest($0) }
        }
    }
}
