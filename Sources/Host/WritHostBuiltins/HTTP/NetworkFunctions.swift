import NIOConcurrencyHelpers
import NIOPosix
import Writ

extension HostFunctions {
    /// Provides `http.send` and `net.lookup_ip_addr`. An evaluation waits for them without holding its thread.
    public mutating func provideNetwork(_ options: NetworkOptions = NetworkOptions()) {
        provideWaiting("http.send") { (context, arguments) throws(Fault) in
            guard arguments[0].isObject else { throw context.typeError(1, "object", got: arguments[0]) }
            return try HTTPSend.answer(arguments[0], options, context)
        }
        provideWaiting("net.lookup_ip_addr") { (context, arguments) throws(Fault) in
            let name = String(decoding: try context.text(arguments, 0), as: UTF8.self)
            guard options.isAllowed(name) else { throw context.error("unallowed host: \(name)") }
            try context.spend(1_000)
            let found = NIOLockedValueBox<[String]>([])
            let wait = HostWait(
                begin: { done in
                    HTTPExchange.resolving.submit { _ in
                        let addresses = options.resolve(name)
                        found.withLockedValue { $0 = addresses }
                        done()
                    }
                },
                finish: { (context) throws(Fault) in
                    let addresses = found.withLockedValue { $0 }
                    guard !addresses.isEmpty else { throw context.error("lookup \(name): no such host") }
                    var list = ValueList()
                    for address in addresses {
                        try list.append(try context.space.string(Array(address.utf8)), in: context.space)
                    }
                    return .value(try context.space.set(list))
                })
            return .wait(wait)
        }
    }
}
