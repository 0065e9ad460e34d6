/// The same questions for arrays of bytes.
extension NumberText {
    public static func isValid(_ bytes: [UInt8]) -> Bool { bytes.withUnsafeBufferPointer { isValid($0) } }
    public static func classify(_ bytes: [UInt8]) -> Form? { bytes.withUnsafeBufferPointer { classify($0) } }
    public static func int64(_ bytes: [UInt8]) -> Int64? { bytes.withUnsafeBufferPointer { int64($0) } }
    public static func exactInt64(_ bytes: [UInt8]) -> Int64? { bytes.withUnsafeBufferPointer { exactInt64($0) } }
    public static func isIntegral(_ bytes: [UInt8]) -> Bool { bytes.withUnsafeBufferPointer { isIntegral($0) } }
    public static func hash(_ bytes: [UInt8]) -> UInt64 { bytes.withUnsafeBufferPointer { hash($0) } }
    public static func compare(_ a: [UInt8], _ b: [UInt8]) -> Int {
        a.withUnsafeBufferPointer { left in b.withUnsafeBufferPointer { right in compare(left, right) } }
    }
    /// The exact value as an integer; nil when it has a fraction.
    public static func integer(_ bytes: [UInt8]) throws(NumberError) -> BigInteger? {
        let result: Result<BigInteger?, NumberError> = bytes.withUnsafeBufferPointer { buffer in
            do throws(NumberError) { return .success(try integer(buffer)) } catch { return .failure(error) }
        }
        return try result.get()
    }
}
