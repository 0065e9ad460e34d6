import Glibc

/// Looks host names up with the system's resolver. Blocks.
enum Resolver {
    /// The addresses of a name as text, each once; empty when there are none.
    static func addresses(_ name: String) -> [String] {
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(name, nil, &hints, &list) == 0, let first = list else { return [] }
        defer { freeaddrinfo(first) }
        var result: [String] = []
        var next: UnsafeMutablePointer<addrinfo>? = first
        while let entry = next {
            var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
            let status = getnameinfo(
                entry.pointee.ai_addr, entry.pointee.ai_addrlen, &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST)
            if status == 0 {
                let shown = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
                if !result.contains(shown) { result.append(shown) }
            }
            next = entry.pointee.ai_next
        }
        return result
    }

    /// Whether an address is this machine's own, or one of a network that is not the internet's.
    static func isPrivate(_ address: String) -> Bool {
        var four = in_addr()
        if inet_pton(AF_INET, address, &four) == 1 { return isPrivate(UInt32(bigEndian: four.s_addr)) }
        var six = in6_addr()
        let plain = address.split(separator: "%").first.map(String.init) ?? address
        guard inet_pton(AF_INET6, plain, &six) == 1 else { return true }
        let bytes = withUnsafeBytes(of: &six) { Array($0) }
        if bytes[..<15].allSatisfy({ $0 == 0 }) { return true }
        if bytes[0] & 0xfe == 0xfc || bytes[0] == 0xfe && bytes[1] & 0xc0 == 0x80 || bytes[0] == 0xff { return true }
        // An address of version 4 within one of version 6: mapped, compatible, behind NAT64, of 6to4.
        let isMapped = bytes[..<10].allSatisfy { $0 == 0 } && bytes[10] == bytes[11] && [0, 0xff].contains(bytes[10])
        let isTranslated = Array(bytes[..<12]) == [0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0]
        if isMapped || isTranslated { return isPrivate(number(bytes[12...])) }
        return bytes[0] == 0x20 && bytes[1] == 0x02 && isPrivate(number(bytes[2..<6]))
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> UInt32 { bytes.reduce(0) { $0 << 8 | UInt32($1) } }

    private static func isPrivate(_ address: UInt32) -> Bool {
        let first = address >> 24
        if first == 0 || first == 10 || first == 127 || first >= 224 { return true }
        let two = address >> 16
        if two == 0xc0a8 || two == 0xa9fe || two & 0xfff0 == 0xac10 || two & 0xffc0 == 0x6440 { return true }
        // Protocol assignments and benchmarks.
        return address >> 8 == 0xc00000 || two & 0xfffe == 0xc612
    }
}
