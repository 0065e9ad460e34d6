// Which way to hold strings: inline with content hashes, or as ids of one table? See Docs/design/strings.md.
//
//     swift run -c release StringExperiment
//
// Three images (policy constants, users, grants) and a policy-like decision that concatenates a lot.

import WritValue

let userCount = 20_000
let teams = (0..<200).map { "team-\($0)" }
let roles = ["viewer", "editor", "maintainer", "security-reviewer", "administrator"]
let actions = ["read", "write", "delete", "list", "approve-change"]

/// The constants of a policy.
func policyImage() -> Image {
    var image = Image()
    for role in roles { _ = image.add(role) }
    for action in actions { _ = image.add(action) }
    for text in ["/srv/teams/", "/", ":", "user ", " may ", " of team ", "not allowed: "] { _ = image.add(text) }
    for rule in 0..<300 { _ = image.add("a message of policy rule number \(rule)") }
    return image
}

/// An object of 20,000 users, each a record of role, team, home directory and mail address.
func userImage() -> Image {
    var image = Image()
    var pairs: [(key: Int, value: Value)] = []
    for number in 0..<userCount {
        let name = number % 3 == 0 ? "user-\(number)@corp.example.com" : "user-\(number)"
        let team = teams[number % teams.count]
        image.records.append([
            image.add(roles[number % roles.count]), image.add(team), image.add("/srv/teams/\(team)/\(name)"),
            image.add("\(name)@mail.example.com"),
        ])
        pairs.append((image.add(name), .integer(number)))
    }
    image.objects.append(pairs)
    return image
}

/// An object of 3,000 grants by "team:role:action".
func grantImage() -> Image {
    var image = Image()
    var pairs: [(key: Int, value: Value)] = []
    for (place, team) in teams.enumerated() {
        for role in roles {
            for action in actions where (place + role.utf8.count + action.utf8.count) % 5 < 3 {
                let verdict = image.add(place % 2 == 0 ? "allow" : "allow-with-audit-record")
                pairs.append((image.add("\(team):\(role):\(action)"), Value(low: UInt64(verdict), high: 0)))
            }
        }
    }
    image.objects.append(pairs)
    return image
}

/// A request: user, action, path, and fields that the policy never looks at, as real inputs have.
struct Request {
    var texts: [[UInt8]]
}

func requests() -> [Request] {
    (0..<256).map { number in
        let user = (number &* 7919) % userCount
        let name = user % 3 == 0 ? "user-\(user)@corp.example.com" : "user-\(user)"
        return Request(
            texts: [
                name, actions[number % actions.count], "/srv/teams/\(teams[user % teams.count])/\(name)",
                "GET", "https", "203.0.113.\(number)", "Mozilla/5.0 (X11; Linux x86_64)", "de-DE",
                "req-\(number * 77_777)",
                "4bf92f3577b34da6a3ce929d0e0e\(1000 + number)", "eu-west-1", "application/json", "gzip, deflate, br",
            ].map { Array($0.utf8) })
    }
}

/// Joins strings in scratch memory and makes a string of the result.
@inline(__always)
func concat<M: StringModel>(
    _ model: inout M, _ scratch: UnsafeMutablePointer<UInt8>, _ a: Value, _ b: Value, _ c: Value, _ d: Value
) -> Value {
    var count = model.copy(a, to: scratch)
    count &+= model.copy(b, to: scratch + count)
    count &+= model.copy(c, to: scratch + count)
    count &+= model.copy(d, to: scratch + count)
    return model.make(scratch, count)
}

/// What one run does.
enum Part: String, CaseIterable {
    case input = "strings of the input only"
    case compare = "input, 3 lookups, 60 comparisons across images"
    case concat = "the same and 8 concatenations"
}

/// One decision; gives something that depends on everything.
@inline(__always)
func decide<M: StringModel>(
    _ model: inout M, _ request: Request, _ part: Part, _ scratch: UnsafeMutablePointer<UInt8>,
    _ input: UnsafeMutablePointer<Value>
) -> Int {
    for (index, text) in request.texts.enumerated() {
        text.withUnsafeBufferPointer { bytes in
            if let start = bytes.baseAddress { input[index] = model.make(start, bytes.count) }
        }
    }
    var result = model.copy(input[12], to: scratch)
    guard part != .input else { return result }
    let record = model.member(0, of: 1, input[0])
    guard record.isInteger else { return -1 }
    let row = Int(record.integerValue)
    // Roles and actions of the policy against those of the data and the input; a scan over twelve users.
    let role = model.field(row, 0, of: 1)
    let team = model.field(row, 1, of: 1)
    for index in 0..<roles.count where model.equal(model.constant(index, of: 0), role) { result &+= index }
    for index in 0..<actions.count where model.equal(model.constant(roles.count &+ index, of: 0), input[1]) {
        result &+= index
    }
    for other in 0..<12 {
        let neighbour = (row &+ other &* 200) % userCount
        if model.equal(model.field(neighbour, 1, of: 1), team) { result &+= 1 }
        if model.equal(model.field(neighbour, 0, of: 1), role) { result &+= 1 }
        if model.equal(model.field(neighbour, 2, of: 1), input[2]) { result &+= 1 }
        if model.equal(model.field(neighbour, 3, of: 1), input[0]) { result &+= 1 }
    }
    guard part == .concat else { return result }
    let base = roles.count &+ actions.count
    let colon = model.constant(base &+ 2, of: 0)
    let slash = model.constant(base &+ 1, of: 0)
    let teamRole = concat(&model, scratch, team, colon, role, colon)
    let grant = concat(&model, scratch, teamRole, input[1], .emptyText(&model, scratch), .emptyText(&model, scratch))
    let verdict = model.member(0, of: 2, grant)
    if verdict.isDefined { result &+= 100 }
    let home = concat(&model, scratch, model.constant(base, of: 0), team, slash, input[0])
    if model.equal(home, input[2]) { result &+= 1000 }
    if model.equal(home, model.field(row, 2, of: 1)) { result &+= 1000 }
    var message = concat(
        &model, scratch, model.constant(base &+ 3, of: 0), input[0], model.constant(base &+ 4, of: 0), input[1])
    message = concat(&model, scratch, message, slash, home, model.constant(base &+ 5, of: 0))
    message = concat(&model, scratch, model.constant(base &+ 6, of: 0), message, team, slash)
    let short = concat(&model, scratch, role, slash, input[1], slash)
    let shorter = concat(&model, scratch, input[1], slash, input[3], slash)
    if model.equal(short, shorter) { result &+= 7 }
    if model.equal(message, home) { result &+= 7 }
    return result
}

extension Value {
    /// The empty string in a model.
    @inline(__always)
    static func emptyText<M: StringModel>(_ model: inout M, _ scratch: UnsafeMutablePointer<UInt8>) -> Value {
        model.make(scratch, 0)
    }
}

@inline(never)
func run<M: StringModel>(_ model: inout M, _ all: [Request], _ part: Part, rounds: Int) -> (
    nanoseconds: Double, sum: Int
) {
    let scratch = UnsafeMutablePointer<UInt8>.allocate(capacity: 4096)
    let input = UnsafeMutablePointer<Value>.allocate(capacity: 32)
    defer {
        scratch.deallocate()
        input.deallocate()
    }
    let clock = ContinuousClock()
    var best = Duration.seconds(1000)
    var sum = 0
    // The best of many short runs: this machine has other things to do.
    for _ in 0..<rounds {
        sum = 0
        let start = clock.now
        for request in all {
            sum &+= decide(&model, request, part, scratch, input)
            model.reset()
        }
        best = min(best, clock.now - start)
    }
    return (nanoseconds(best) / Double(all.count), sum)
}

func nanoseconds(_ duration: Duration) -> Double {
    Double(duration.components.seconds) * 1e9 + Double(duration.components.attoseconds) / 1e9
}

func tenths(_ value: Double) -> String { String(Double(Int(value * 10)) / 10) }

let images = [policyImage(), userImage(), grantImage()]
var inline = InlineStrings()
let unique = Set(images.flatMap { $0.strings }).count
var interned = InternedStrings(globalCapacity: unique)
for image in images {
    _ = inline.load(image)
    _ = interned.load(image)
}
print("strings in the images: \(images.map { $0.strings.count }), \(unique) different ones")
print("memory, inline:   \(inline.memory / 1024) KiB")
print("memory, interned: \(interned.memory / 1024) KiB")
print("entering the images' strings into the table (interned only): \(tenths(nanoseconds(interned.loadTime) / 1e6)) ms")
let all = requests()
for part in Part.allCases {
    let one = run(&inline, all, part, rounds: 400)
    let two = run(&interned, all, part, rounds: 400)
    print("\(part.rawValue): inline \(tenths(one.nanoseconds)) ns, interned \(tenths(two.nanoseconds)) ns a decision")
    if one.sum != two.sum { print("the models disagree: \(one.sum) and \(two.sum)") }
}
