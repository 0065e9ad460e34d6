// Stand-in until the exact numbers land.
enum NumberText {
    static func isValid(_ b: UnsafeBufferPointer<UInt8>) -> Bool { b.count > 0 }
    static func int64(_ b: UnsafeBufferPointer<UInt8>) -> Int64? { nil }
    static func exactInt64(_ b: UnsafeBufferPointer<UInt8>) -> Int64? { nil }
    static func hash(_ b: UnsafeBufferPointer<UInt8>) -> UInt64 { 0 }
    static func compareDecimal(mantissa: Int64, scale: UInt8, mantissa m2: Int64, scale s2: UInt8) -> Int { mantissa < m2 ? -1 : 1 }
    static func compare(_ a: UnsafeBufferPointer<UInt8>, _ b: UnsafeBufferPointer<UInt8>) -> Int { 0 }
}
