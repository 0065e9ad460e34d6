import Synchronization
import Testing

@testable import WritRuntime

/// Content that comes in parts over connections that end too early, from servers that are honest and from others.
@Suite struct DownloadTests {
    private static let content = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ $0 >> 8) }
    private static let patience = Download.Patience(attempts: 40, fruitless: 3, restarts: 3, progress: 1, pause: 1000)

    private func download(
        _ server: AnsweringServer, identity: Download.Identity = .entityTag, limit: Int = 1 << 20,
        patience: Download.Patience = patience
    ) -> Download {
        Download(
            ServiceClient(ServiceSettings(name: "s", url: server.address)), identity: identity, limit: limit,
            patience: patience)
    }

    /// Where a request asks to begin.
    private static func start(_ question: AnsweringServer.Question) -> Int {
        guard let range = question.headers.first(name: "Range"), range.hasPrefix("bytes="), range.hasSuffix("-") else {
            return 0
        }
        return Int(range.dropFirst(6).dropLast()) ?? 0
    }

    /// Answers like a file server with ranges whose connections end after some bytes.
    private static func cutting(
        _ content: [UInt8], each count: Int, tag: String = "\"1\""
    ) -> @Sendable (AnsweringServer.Question) -> AnsweringServer.Answer {
        { question in
            let isSame = question.headers.first(name: "If-Range").map { $0 == tag } ?? true
            let first = isSame ? start(question) : 0
            let rest = content[first...]
            var answer = AnsweringServer.Answer(
                status: first > 0 ? 206 : 200, headers: tag.isEmpty ? [] : [("ETag", tag)],
                body: Array(rest.prefix(count)))
            if rest.count > count { answer.toldLength = rest.count }
            if first > 0 {
                answer.headers.append(("Content-Range", "bytes \(first)-\(content.count - 1)/\(content.count)"))
            }
            return answer
        }
    }

    @Test(arguments: [1_000_000, 200_000, 199_999, 70_000, 8_000])
    func itArrivesWhole(each count: Int) async throws {
        let server = try AnsweringServer(Self.cutting(Self.content, each: count))
        let download = download(server)
        let response = try await download.get(ServiceRequest(path: "b"))
        #expect(response.status == 200 && response.cut == nil)
        #expect(response.body == Self.content)
        #expect(server.questions.count == (Self.content.count + count - 1) / count)
        #expect(download.resumeCount == server.questions.count - 1)
        for question in server.questions.dropFirst() {
            #expect(question.headers.first(name: "If-Range") == "\"1\"")
        }
        #expect(download.keptCount == 0)
        await server.stop()
    }

    /// What makes going on impossible; then nothing is kept, and the failure is that of the first request.
    @Test(arguments: ["", "W/\"1\"", "\"", "unquoted"])
    func nothingIsKeptWithoutAStrongTag(_ tag: String) async throws {
        let server = try AnsweringServer(Self.cutting(Self.content, each: 70_000, tag: tag))
        let download = download(server)
        await #expect(throws: ServiceFailure.self) { try await download.get(ServiceRequest(path: "b")) }
        #expect(server.questions.count == 1)
        #expect(download.keptCount == 0)
        await server.stop()
    }

    @Test func anAddressThatNamesItsContentNeedsNoTag() async throws {
        let server = try AnsweringServer(Self.cutting(Self.content, each: 70_000, tag: ""))
        let response = try await download(server, identity: .address).get(ServiceRequest(path: "b"))
        #expect(response.body == Self.content)
        #expect(server.questions.allSatisfy { !$0.headers.contains(name: "If-Range") })
        await server.stop()
    }

    /// What a server may say instead of the rest, once; it is asked for everything again then.
    enum Lie: CaseIterable, Sendable {
        case otherStart, otherTotal, noTotal, noRange, noNumbers, noTag, otherTag, weakTag, tooShort, endless, outside
        case backwards, huge, unsatisfiable, multipart
    }

    @Test(arguments: Lie.allCases)
    func whatDoesNotFitIsNotPutTogether(_ lie: Lie) async throws {
        let content = Self.content
        let honest = Self.cutting(content, each: 120_000)
        let lies = Mutex(1)
        let server = try AnsweringServer { question in
            let start = Self.start(question)
            guard start > 0,
                lies.withLock({ count in
                    count -= 1
                    return count >= 0
                })
            else { return honest(question) }
            let last = content.count - 1
            let wrong = [UInt8](repeating: 7, count: content.count - start)
            func part(_ range: String?, tag: String? = "\"1\"", _ body: [UInt8]) -> AnsweringServer.Answer {
                let headers = [("Content-Range", range), ("ETag", tag)].compactMap { name, value in
                    value.map { (name, $0) }
                }
                return .init(status: 206, headers: headers, body: body)
            }
            switch lie {
            case .otherStart: return part("bytes \(start - 1)-\(last)/\(content.count)", wrong + [7])
            case .otherTotal: return part("bytes \(start)-\(last)/\(content.count + 1)", wrong)
            case .noTotal: return part("bytes \(start)-\(last)/", wrong)
            case .noRange: return part(nil, wrong)
            case .noNumbers: return part("bytes a-b/c", wrong)
            case .noTag: return part("bytes \(start)-\(last)/\(content.count)", tag: nil, wrong)
            case .otherTag: return part("bytes \(start)-\(last)/\(content.count)", tag: "\"2\"", wrong)
            case .weakTag: return part("bytes \(start)-\(last)/\(content.count)", tag: "W/\"1\"", wrong)
            case .tooShort: return part("bytes \(start)-\(last)/\(content.count)", Array(wrong.dropLast()))
            case .endless: return part("bytes \(start)-\(last)/\(content.count)", wrong + wrong + wrong)
            case .outside: return part("bytes \(start)-\(last + 1)/\(content.count)", wrong + [7])
            case .backwards: return part("bytes \(last)-\(start)/\(content.count)", wrong)
            case .huge: return part("bytes \(start)-99999999999999999999/\(content.count)", wrong)
            case .unsatisfiable: return .init(status: 416, headers: [("Content-Range", "bytes */5")])
            case .multipart:
                return .init(
                    status: 206, headers: [("Content-Type", "multipart/byteranges; boundary=x"), ("ETag", "\"1\"")],
                    body: wrong)
            }
        }
        let response = try await download(server).get(ServiceRequest(path: "b"))
        #expect(response.body == content)
        let starts = server.questions.map(Self.start)
        #expect(starts == [0, 120_000, 0, 120_000])
        await server.stop()
    }

    @Test func serversThatAlwaysLieAreLeft() async throws {
        let content = Self.content
        let server = try AnsweringServer { question in
            let start = Self.start(question)
            guard start > 0 else { return Self.cutting(content, each: 100_000)(question) }
            return .init(
                status: 206, headers: [("ETag", "\"1\""), ("Content-Range", "bytes 0-9/10")],
                body: [UInt8](repeating: 0, count: 10))
        }
        await #expect(throws: ServiceFailure.self) { try await download(server).get(ServiceRequest(path: "b")) }
        #expect(server.questions.count <= 2 * (Self.patience.restarts + 1))
        await server.stop()
    }

    @Test func contentThatChangedBeginsAnew() async throws {
        let new = [UInt8](Self.content.reversed())
        let old = Self.cutting(Self.content, each: 90_000)
        let count = Mutex(0)
        let server = try AnsweringServer { question in
            let number = count.withLock { count in
                count += 1
                return count
            }
            return number == 1 ? old(question) : Self.cutting(new, each: 90_000, tag: "\"2\"")(question)
        }
        let response = try await download(server).get(ServiceRequest(path: "b"))
        #expect(response.body == new)
        #expect(response.header("etag") == "\"2\"")
        await server.stop()
    }

    @Test func aServerWithoutRangesIsAskedForAllOfIt() async throws {
        let content = Self.content
        let count = Mutex(0)
        let server = try AnsweringServer { _ in
            let number = count.withLock { count in
                count += 1
                return count
            }
            // Whole at the third time.
            return number < 3
                ? .init(headers: [("ETag", "\"1\"")], body: Array(content.prefix(50_000)), toldLength: content.count)
                : .init(headers: [("ETag", "\"1\"")], body: content)
        }
        let response = try await download(server).get(ServiceRequest(path: "b"))
        #expect(response.body == content)
        await server.stop()
    }

    /// A link that is down for longer than one call: what has come waits for the next.
    @Test func whatHasComeWaitsForTheNextCall() async throws {
        let whole = Self.cutting(Self.content, each: 150_000)
        let server = try AnsweringServer(whole)
        let port = server.port
        var patience = Self.patience
        patience.pause = 100_000_000
        let download = download(server, patience: patience)
        let asked = Task { try await download.get(ServiceRequest(path: "b")) }
        while download.keptCount == 0 { try await Task.sleep(nanoseconds: 1_000_000) }
        await server.stop()
        let failure = await #expect(throws: ServiceFailure.self) { try await asked.value }
        #expect(failure?.message.contains("150000 of 200000 bytes have come and are kept") == true)
        #expect(download.keptCount == 150_000)
        let again = try AnsweringServer(port: port, whole)
        #expect(try await download.get(ServiceRequest(path: "b")).body == Self.content)
        #expect(again.questions.map(Self.start) == [150_000])
        await again.stop()
    }

    @Test func aServerThatDoesNotGetFurtherIsAskedAnewTheNextTime() async throws {
        let whole = Self.cutting(Self.content, each: 150_000)
        let server = try AnsweringServer { question in
            var answer = whole(question)
            guard Self.start(question) > 0 else { return answer }
            answer.toldLength = answer.body.count
            answer.body = []
            return answer
        }
        let download = download(server)
        await #expect(throws: ServiceFailure.self) { try await download.get(ServiceRequest(path: "b")) }
        // It went further once in that call; in the next one it does not.
        #expect(download.keptCount == 150_000)
        await #expect(throws: ServiceFailure.self) { try await download.get(ServiceRequest(path: "b")) }
        #expect(download.keptCount == 0)
        server.change(whole)
        #expect(try await download.get(ServiceRequest(path: "b")).body == Self.content)
        await server.stop()
    }

    /// The validator of what is active is still asked about while something has come in part.
    @Test func goingBackToWhatIsActiveEndsTheDownload() async throws {
        let server = try AnsweringServer { question in
            Self.start(question) > 0 ? .init(status: 304) : Self.cutting(Self.content, each: 90_000)(question)
        }
        let download = download(server)
        #expect(try await download.get(ServiceRequest(path: "b")).status == 304)
        #expect(download.keptCount == 0)
        await server.stop()
    }

    @Test func aServerThatIsBusyMeanwhileIsWaitedFor() async throws {
        let busy = Mutex(2)
        let server = try AnsweringServer { question in
            let isBusy =
                Self.start(question) > 0
                && busy.withLock { count in
                    count -= 1
                    return count >= 0
                }
            return isBusy ? .init(status: 503) : Self.cutting(Self.content, each: 150_000)(question)
        }
        #expect(try await download(server).get(ServiceRequest(path: "b")).body == Self.content)
        #expect(server.questions.count == 4)
        await server.stop()
    }

    /// Another host that a redirect leads to is not told who asks, also where a header of the configuration says so.
    @Test func otherHostsAreNotShownWhoAsks() async throws {
        let other = try AnsweringServer(Self.cutting(Self.content, each: 150_000))
        let address = other.address
        let server = try AnsweringServer { .init(status: 307, headers: [("Location", address + $0.path)]) }
        var settings = ServiceSettings(name: "s", url: server.address)
        settings.headers = [.init("authorization", "Bearer x"), .init("X-Site", "north")]
        let download = Download(
            ServiceClient(settings), identity: .entityTag, limit: 1 << 20, patience: Self.patience)
        #expect(try await download.get(ServiceRequest(path: "b")).body == Self.content)
        #expect(server.questions.allSatisfy { $0.headers.first(name: "Authorization") == "Bearer x" })
        #expect(other.questions.allSatisfy { !$0.headers.contains(name: "Authorization") })
        #expect(other.questions.map { $0.headers.first(name: "X-Site") } == ["north", "north"])
        await server.stop()
        await other.stop()
    }

    @Test func contentOverTheLimitIsRefused() async throws {
        let server = try AnsweringServer(Self.cutting(Self.content, each: 70_000))
        let download = download(server, limit: 150_000)
        await #expect(throws: ServiceFailure.self) { try await download.get(ServiceRequest(path: "b")) }
        #expect(download.keptCount == 0)
        await server.stop()
    }

    @Test(arguments: [
        ("bytes 5-9/10", 5, 9, 10), ("bytes 0-0/1", 0, 0, 1), ("Bytes 5-9/*", 5, 9, -1),
    ])
    func rangesAreRead(_ text: String, _ first: Int, _ last: Int, _ total: Int) {
        let range = ContentRange(text)
        #expect(range?.first == first && range?.last == last && (range?.total ?? -1) == total)
    }

    @Test(arguments: [
        "", "bytes", "bytes 5-9", "5-9/10", "bytes 9-5/10", "bytes -5/10", "bytes 5-/10", "bytes +5-9/10",
        "bytes 5-9/10/11", "bytes 5-9/ten", "bytes 5-123456789012345678/1", "items 5-9/10", "bytes */10",
    ])
    func otherRangesAreNot(_ text: String) { #expect(ContentRange(text) == nil) }
}
