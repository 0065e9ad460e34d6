import Testing

/// UUIDs: answers of OPA 1.20.2.
struct UUIDTests {
    private static let cases: [(call: String, result: String)] = [
        (#"uuid.parse """#, "undefined"),
        (#"uuid.parse "abc""#, "undefined"),
        (#"uuid.parse "00000000-0000-0000-0000-000000000000""#, #"{"variant": "Reserved", "version": 0}"#),
        (
            #"uuid.parse "6ba7b810-9dad-11d1-80b4-00c04fd430c8""#,
            #"{"clocksequence": 180, "macvariables": "global:unicast", "nodeid": "00-c0-4f-d4-30-c8", "time": 886630433151182400, "variant": "RFC4122", "version": 1}"#
        ),
        (
            #"uuid.parse "urn:uuid:6ba7b810-9dad-11d1-80b4-00c04fd430c8""#,
            #"{"clocksequence": 180, "macvariables": "global:unicast", "nodeid": "00-c0-4f-d4-30-c8", "time": 886630433151182400, "variant": "RFC4122", "version": 1}"#
        ),
        (
            #"uuid.parse "URN:UUID:6BA7B810-9dad-11d1-80b4-00c04fd430c8""#,
            #"{"clocksequence": 180, "macvariables": "global:unicast", "nodeid": "00-c0-4f-d4-30-c8", "time": 886630433151182400, "variant": "RFC4122", "version": 1}"#
        ),
        (
            #"uuid.parse "{6ba7b810-9dad-11d1-80b4-00c04fd430c8}""#,
            #"{"clocksequence": 180, "macvariables": "global:unicast", "nodeid": "00-c0-4f-d4-30-c8", "time": 886630433151182400, "variant": "RFC4122", "version": 1}"#
        ),
        (
            #"uuid.parse "6ba7b8109dad11d180b400c04fd430c8""#,
            #"{"clocksequence": 180, "macvariables": "global:unicast", "nodeid": "00-c0-4f-d4-30-c8", "time": 886630433151182400, "variant": "RFC4122", "version": 1}"#
        ),
        (
            #"uuid.parse "6ba7b810-9dad-21d1-80b4-00c04fd430c8""#,
            #"{"clocksequence": 180, "domain": "Domain180", "id": 1806153744, "macvariables": "global:unicast", "nodeid": "00-c0-4f-d4-30-c8", "time": 886630433151182400, "variant": "RFC4122", "version": 2}"#
        ),
        (
            #"uuid.parse "6ba7b810-9dad-21d1-8000-01c04fd430c8""#,
            #"{"clocksequence": 0, "domain": "Person", "id": 1806153744, "macvariables": "global:multicast", "nodeid": "01-c0-4f-d4-30-c8", "time": 886630433151182400, "variant": "RFC4122", "version": 2}"#
        ),
        (
            #"uuid.parse "6ba7b810-9dad-21d1-8001-02c04fd430c8""#,
            #"{"clocksequence": 1, "domain": "Group", "id": 1806153744, "macvariables": "local:unicast", "nodeid": "02-c0-4f-d4-30-c8", "time": 886630433151182400, "variant": "RFC4122", "version": 2}"#
        ),
        (
            #"uuid.parse "6ba7b810-9dad-21d1-8002-03c04fd430c8""#,
            #"{"clocksequence": 2, "domain": "Org", "id": 1806153744, "macvariables": "local:multicast", "nodeid": "03-c0-4f-d4-30-c8", "time": 886630433151182400, "variant": "RFC4122", "version": 2}"#
        ),
        (#"uuid.parse "6ba7b810-9dad-41d1-c0b4-00c04fd430c8""#, #"{"variant": "Microsoft", "version": 4}"#),
        (#"uuid.parse "6ba7b810-9dad-71d1-e0b4-00c04fd430c8""#, #"{"variant": "Future", "version": 7}"#),
        (#"uuid.parse "6ba7b810-9dad-61d1-40b4-01c04fd430c8""#, #"{"variant": "Reserved", "version": 6}"#),
        (
            #"uuid.parse "ffffffff-ffff-1fff-ffff-ffffffffffff""#,
            #"{"clocksequence": 16383, "macvariables": "local:multicast", "nodeid": "ff-ff-ff-ff-ff-ff", "time": -7607606781572612196, "variant": "Future", "version": 1}"#
        ),
        (#"uuid.parse "6ba7b810-9dad-11d1-80b4-00c04fd430cg""#, "undefined"),
        (#"uuid.parse "6ba7b810_9dad-11d1-80b4-00c04fd430c8""#, "undefined"),
        (#"uuid.parse "urn:uuix:6ba7b810-9dad-11d1-80b4-00c04fd430c8""#, "undefined"),
        ("uuid.parse 1", "type: operand 1 must be string but got number"),
    ]

    @Test func answersAsOPA() {
        let caller = Caller()
        for (call, result) in Self.cases { #expect(caller.call(call) == result, "\(call)") }
    }
}
