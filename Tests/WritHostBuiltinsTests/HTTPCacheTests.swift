#if !WRIT_LIGHT
    import Testing
    import Writ

    @testable import WritHostBuiltins

    @Suite("Responses that http.send keeps")
    struct HTTPCacheTests {
        /// The same request in two decisions; the number is that of the request which the answer belongs to.
        @Test(arguments: [
            ("200/cache-control=max-age=60", #""cache": true"#, "11", 1),
            ("200/cache-control=max-age=60", #""cache": true, "caching_mode": "deserialized""#, "11", 1),
            ("200/cache-control=max-age=60", #""cache": true, "caching_mode": "other""#, "12", 2),
            ("200/cache-control=max-age=60", #""cache": false"#, "12", 2),
            ("200/cache-control=max-age=60, no-store", #""cache": true"#, "12", 2),
            ("200/cache-control=max-age=x", #""cache": true"#, "12", 2),
            ("200/cache-control=max-age=60;date=-", #""cache": true"#, "12", 2),
            ("200/cache-control=no-store", #""force_cache": true, "force_cache_duration_seconds": 60"#, "11", 1),
            ("200/x=y", #""force_cache": true, "force_cache_duration_seconds": 0"#, "12", 2),
            ("200/expires=Wed, 21 Oct 2199 07:28:00 GMT", #""cache": true"#, "11", 1),
            ("200/expires=0", #""cache": true"#, "12", 2),
            ("200/x=y", #""cache": true"#, "12", 2),
            ("500/cache-control=max-age=60", #""cache": true"#, "12", 2),
            ("404/cache-control=max-age=60", #""cache": true"#, "11", 1),
            ("200/cache-control=max-age=0;etag=e", #""cache": true"#, "11", 2),
            ("200/cache-control=max-age=0;etag=e;date=-", #""cache": true"#, "12", 2),
        ])
        func keeping(_ path: String, _ members: String, _ numbers: String, _ requests: Int) throws {
            let server = try LocalServer()
            let request = #"http.send({"method": "GET", "url": "URL/r/\#(path)", \#(members)}).body.n"#
            #expect(try answers([request, request], server).joined() == numbers)
            #expect(server.count == requests)
        }

        @Test func headersThatDoNotCount() throws {
            let server = try LocalServer()
            func request(_ trace: String, _ ignored: String) -> String {
                #"http.send({"method": "GET", "url": "URL/r/200/cache-control=max-age=60", "cache": true, "#
                    + #""headers": {"X-Trace": "\#(trace)"}, "cache_ignored_headers": \#(ignored)}).body.n"#
            }
            let found = try answers(
                [
                    request("a", #"["X-Trace"]"#), request("b", #"["X-Trace"]"#), request("c", #"["X-Trace", "Y"]"#),
                    request("a", "null"), request("b", "null"),
                ], server)
            #expect(found == ["1", "1", "1", "2", "3"])
        }

        /// In one query an equal request is sent once, whatever it says of caching, where its status may be kept.
        @Test(arguments: [(200, "[1,1]"), (404, "[1,1]"), (500, "[1,2]"), (302, "[1,2]")])
        func oneQuery(_ status: Int, _ numbers: String) throws {
            let request = #"http.send({"method": "GET", "url": "URL/r/\#(status)/a=b"}).body.n"#
            #expect(try answers(["[\(request), \(request)]"], try LocalServer()) == [numbers])
        }

        @Test func theOldestGoBeyondTheBound() throws {
            var bounds = InterQueryCacheOptions()
            bounds.sizeLimit = 4_000
            let cache = InterQueryCache(bounds)
            func entry(_ size: Int, _ expires: Int64 = .max) -> InterQueryCache.Entry {
                let body = [UInt8](repeating: 1, count: size)
                return .init(response: HTTPResponse(status: "", code: 200, headers: [], body: body), expires: expires)
            }
            for key in 0..<100 as Range<UInt8> { cache.insert([key], entry(700), now: 1) }
            #expect(cache.usage.count == 4)
            #expect(cache.usage.bytes <= 4_000)
            #expect(cache.find([95]) == nil)
            #expect(cache.find([96]) != nil)
            cache.insert([200], entry(5_000), now: 1)
            #expect(cache.find([200]) == nil)
            // Half of the bound may be filled.
            bounds.threshold = 50
            cache.configure(bounds)
            cache.insert([201], entry(700), now: 1)
            #expect(cache.usage.count == 2)
            #expect(cache.find([99]) != nil)
        }

        @Test func whatExpiredIsThrownAway() {
            var bounds = InterQueryCacheOptions()
            bounds.stalePeriod = 10
            let cache = InterQueryCache(bounds)
            let response = HTTPResponse(status: "", code: 200, headers: [], body: [])
            let second: Int64 = 1_000_000_000
            cache.insert([1], .init(response: response, expires: 12 * second), now: 11 * second)
            cache.insert([2], .init(response: response, expires: 90 * second), now: 12 * second)
            #expect(cache.usage.count == 2)
            cache.insert([3], .init(response: response, expires: 90 * second), now: 30 * second)
            #expect(cache.find([1]) == nil)
            #expect(cache.usage.count == 2)
        }

        @Test(arguments: [
            ("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_777), ("Sunday, 06-Nov-94 08:49:37 GMT", 784_111_777),
            ("Sun Nov  6 08:49:37 1994", 784_111_777), ("yesterday", -1), ("0", -1), ("", -1),
        ])
        func dates(_ text: String, _ seconds: Int64) {
            #expect(HTTPFreshness.date(text) == (seconds < 0 ? nil : seconds * 1_000_000_000))
        }
    }
#endif
