import Testing

@testable import WritDecisionLog

@Suite struct ComplaintTests {
    @Test("each kind is told at once, and not again and again")
    func once() {
        let told = Box<[String]>([])
        let complaints = Complaints(interval: 3600) { text in told.change { $0.append(text) } }
        for number in 0..<100 { complaints.tell(.shipping, "away \(number)") }
        complaints.tell(.rate, "too many")
        #expect(told.value == ["away 0", "too many"])
        // When it went well in between it is news.
        complaints.rest(.shipping)
        complaints.tell(.shipping, "away again")
        #expect(told.value.last == "away again (and 99 times before)")
        complaints.tell(.shipping, "and again")
        #expect(told.value.count == 3)
    }

    @Test("decisions beyond a rate fill no log")
    func rate() throws {
        let desk = try Desk(
            "package p\n\nx := 1", .uploading { $0.maximumPerSecond = 2 }, upload: { _ in nil })
        for _ in 0..<50 { try desk.decide("p/x", "{}") }
        #expect(desk.log.status.counters.rateLimited == 48)
        #expect(desk.complaints.value.count == 1)
    }
}
