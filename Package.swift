// swift-tools-version: 6.2
import PackageDescription

// WRIT_SCOPE=core leaves the targets with outside packages out, so that the inner loop stays short.
let coreOnly = Context.environment["WRIT_SCOPE"] == "core"
// WRIT_SCOPE=light leaves cryptography and the HTTP client out, which take longest to build: for work on commands.
let light = Context.environment["WRIT_SCOPE"] == "light"
// WRIT_SCOPE=keys is the libraries without network, services and commands, but with tokens, keys and certificates: for
// the fuzzers and for the benchmark of tokens.
let keysOnly = Context.environment["WRIT_SCOPE"] == "keys"
// WRIT_EMBEDDED=1 compiles rings 1 and 2 as Embedded Swift. Unsafe flags never reach the normal manifest,
// because a package that uses them cannot be depended on.
let embedded = Context.environment["WRIT_EMBEDDED"] == "1"

// WRIT_STATIC=1 links Swift's libraries into `writ` (`make dist`): one file to install, and no 8 ms of dynamic loading
// before each command. The archives that Foundation needs are named here because only modules compiled for static linking
// name them. Unsafe, hence not default.
let staticLibraries = Context.environment["WRIT_STATIC"] == "1"
let standalone: [LinkerSetting] = [
    .unsafeFlags(
        ["-static-stdlib", "-Xlinker", "--start-group"]
            + [
                "Foundation", "FoundationInternationalization", "FoundationEssentials", "CoreFoundation",
                "_FoundationICU", "_FoundationCShims", "_FoundationCollections",
            ].map { "-l" + $0 } + ["-Xlinker", "--end-group"], .when(platforms: [.linux]))
]

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
]
let core: [SwiftSetting] =
    embedded
    ? strict + [.enableExperimentalFeature("Embedded"), .enableExperimentalFeature("Extern"), .unsafeFlags(["-wmo"])]
    : strict

func ring(
    _ folder: String, _ name: String, _ dependencies: [Target.Dependency] = [], documents: [String] = ["README.md"]
) -> Target {
    // Of ring 2 it is only asked that it compiles as Embedded Swift; optimizing what nothing links takes minutes.
    let isOnlyCompiled = embedded && folder == "Language"
    return .target(
        name: name, dependencies: dependencies, path: "Sources/\(folder)/\(name)", exclude: documents,
        swiftSettings: core + (isOnlyCompiled ? [.unsafeFlags(["-Onone"])] : []))
}

/// Tests are compiled without optimization, in a release build too: what they test is optimized, and they build in half
/// the time. The flag is unsafe, but in nothing that another package can depend on.
let quick: [SwiftSetting] = [.unsafeFlags(["-Onone"])]

func tests(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .testTarget(
        name: name + "Tests", dependencies: [.init(stringLiteral: name)] + dependencies, path: "Tests/\(name)Tests",
        swiftSettings: strict + quick)
}

let decisionCore: [Target] = [
    ring("Core", "WritValue"),
    ring("Core", "WritRegex"),
    ring("Core", "WritPlan", ["WritValue"]),
    ring("Core", "WritBuiltins", ["WritValue", "WritRegex"]),
    ring("Core", "WritVM", ["WritValue", "WritPlan", "WritBuiltins"]),
]

let languages: [Target] = [
    ring("Language", "WritSource"),
    ring("Language", "RegoSyntax", ["WritSource"]),
    ring(
        "Language", "RegoCompiler", ["WritSource", "RegoSyntax", "WritValue", "WritPlan", "WritBuiltins"],
        documents: ["README.md", "Views/README.md"]),
]

let facade: [Target] = [
    .target(
        name: "Writ",
        dependencies: ["WritValue", "WritPlan", "WritBuiltins", "WritVM", "WritSource", "RegoSyntax", "RegoCompiler"],
        path: "Sources/Writ", exclude: ["README.md"], swiftSettings: strict),
    // Beside the core it judges what the host's libraries provide, where they are built.
    .executableTarget(
        name: "writ-conformance", dependencies: ["Writ"] + (coreOnly ? [] : ["WritHostBuiltins", "WritYAML"]),
        path: "Tests/Conformance", exclude: ["passing.txt"],
        swiftSettings: strict + (coreOnly ? [] : [.define("WRIT_HOST")])),
]

let coreTests: [Target] = [
    tests("WritValue"), tests("WritRegex"), tests("WritPlan"), tests("WritBuiltins"), tests("WritVM"),
    tests("WritSource"), tests("RegoSyntax"), tests("RegoCompiler"), tests("Writ"),
]

/// The folders of WritHostBuiltins that need what the light scope leaves out.
let keyed = ["Tokens", "Certificates", "Keys", "HTTP"]

let cryptography: [Target.Dependency] = [
    .product(name: "Crypto", package: "swift-crypto"),
    .product(name: "CryptoExtras", package: "swift-crypto"),
]
let network: [Target.Dependency] = [
    .product(name: "AsyncHTTPClient", package: "async-http-client"),
    .product(name: "NIOCore", package: "swift-nio"),
    .product(name: "NIOPosix", package: "swift-nio"),
    .product(name: "NIOHTTP1", package: "swift-nio"),
    .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
    .product(name: "NIOSSL", package: "swift-nio-ssl"),
]

let hostLibraries: [Target] = [
    .target(
        name: "WritYAML", dependencies: ["Writ", .product(name: "Yams", package: "Yams")],
        path: "Sources/Host/WritYAML", exclude: ["README.md"], swiftSettings: strict),
    .target(
        name: "WritHostBuiltins",
        dependencies: ["Writ", "WritYAML"] + (light ? [] : cryptography) + (light || keysOnly ? [] : network),
        path: "Sources/Host/WritHostBuiltins", exclude: ["README.md"] + (light ? keyed : keysOnly ? ["HTTP"] : []),
        swiftSettings: strict
            + (light ? [.define("WRIT_LIGHT")] : keysOnly ? [.define("WRIT_KEYS")] : [])),
    .systemLibrary(name: "CZlib", path: "Sources/System/CZlib"),
    .systemLibrary(name: "CMalloc", path: "Sources/System/CMalloc"),
    .target(
        name: "WritFiles", path: "Sources/Host/WritFiles", exclude: ["README.md"], swiftSettings: strict),
    .target(
        name: "WritMemory", dependencies: ["CMalloc"], path: "Sources/Host/WritMemory", exclude: ["README.md"],
        swiftSettings: strict),
    .target(
        name: "WritBundle",
        dependencies: ["Writ", "WritFiles", "WritMemory", "WritYAML", "WritHostBuiltins", "CZlib"]
            + (light ? [] : [.product(name: "Crypto", package: "swift-crypto")]),
        path: "Sources/Host/WritBundle", exclude: ["README.md"],
        swiftSettings: strict + (light ? [.define("WRIT_LIGHT")] : [])),
]

let services: [Target] = [
    // What tests of crashes share: every state that a disk may be in.
    .target(name: "CrashReplay", dependencies: ["WritFiles"], path: "Tests/CrashReplay", swiftSettings: strict + quick),
    .target(
        name: "WritJournal", dependencies: ["WritFiles", "CZlib"], path: "Sources/Host/WritJournal",
        exclude: ["README.md"], swiftSettings: strict),
    .target(
        name: "WritTooling",
        dependencies: ["Writ", "WritFiles", "WritMemory", "WritYAML", "WritHostBuiltins", "WritBundle"],
        path: "Sources/Host/WritTooling", exclude: ["README.md"], swiftSettings: strict),
    .target(
        name: "WritDecisionLog", dependencies: ["Writ", "WritJournal", "CZlib"],
        path: "Sources/Services/WritDecisionLog", exclude: ["README.md"], swiftSettings: strict),
    .target(
        name: "WritTelemetry",
        dependencies: ["Writ"]
            + (light ? [] : network + [.product(name: "NIOHTTP2", package: "swift-nio-http2")]),
        path: "Sources/Services/WritTelemetry", exclude: ["README.md"] + (light ? ["Export"] : []),
        swiftSettings: strict),
    .target(
        name: "WritRuntime",
        dependencies: ["Writ", "WritBundle", "WritDecisionLog", "WritFiles", "WritHostBuiltins", "WritTelemetry"]
            + (light ? [] : network + ["WritRegistry", "WritTrust"]),
        path: "Sources/Services/WritRuntime",
        exclude: ["README.md"]
            + (light ? ["Services", "Bundles", "Plugins", "DecisionLogs", "Registry", "Trust"] : []),
        swiftSettings: strict),
    .target(
        name: "WritServer",
        dependencies: [
            "Writ", "WritMemory", "WritRuntime", "WritDecisionLog", "WritTelemetry", "CZlib",
            .product(name: "NIOCore", package: "swift-nio"),
            .product(name: "NIOPosix", package: "swift-nio"), .product(name: "NIOHTTP1", package: "swift-nio"),
        ]
            + (light
                ? []
                : [
                    .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
                    .product(name: "NIOTLS", package: "swift-nio"),
                    .product(name: "NIOHTTP2", package: "swift-nio-http2"),
                    .product(name: "NIOSSL", package: "swift-nio-ssl"),
                ]),
        path: "Sources/Services/WritServer", exclude: ["README.md"],
        swiftSettings: strict + (light ? [.define("WRIT_LIGHT")] : [])),
    .target(
        name: "WritCommands",
        dependencies: [
            "WritTooling", "WritBundle", "WritMemory", "WritRuntime", "WritServer", "WritTelemetry",
            .product(name: "ArgumentParser", package: "swift-argument-parser"),
            .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
            .product(name: "NIOHTTP1", package: "swift-nio"),
        ] + (light ? [] : ["WritTrust", "WritRegistry"]),
        path: "Sources/CLI/WritCommands", exclude: ["README.md", "Repl/README.md"],
        swiftSettings: strict + (light ? [.define("WRIT_LIGHT")] : [])),
    .executableTarget(
        name: "writ", dependencies: ["WritCommands"], path: "Sources/CLI/writ", swiftSettings: strict,
        linkerSettings: staticLibraries ? standalone : []),
    tests("WritYAML"), tests("WritBundle"), tests("WritJournal", ["CrashReplay"]), tests("WritDecisionLog"),
    tests("WritHostBuiltins"), tests("WritTooling"),
    tests("WritServer", ["WritDecisionLog", "WritJournal", "WritRuntime", "WritTelemetry"]),
    tests("WritCommands"),
]

/// Tests of what the light scope leaves out.
let keyedTests =
    light
    ? []
    : [
        tests("WritTelemetry"),
        tests(
            "WritRuntime",
            [
                "WritServer", "WritBundle", "WritTelemetry", "WritRegistry", "WritTrust", "TrustFixture",
                "CrashReplay",
            ]),
    ]

/// Trust and registries need cryptography.
let trust: [Target] = [
    .target(
        name: "WritTrust", dependencies: ["Writ"] + cryptography, path: "Sources/Host/WritTrust",
        exclude: ["README.md"], swiftSettings: strict),
    // What tests of clients and of services share: a repository and its keys.
    .target(
        name: "TrustFixture", dependencies: ["WritTrust"], path: "Tests/TrustFixture", swiftSettings: strict + quick),
    tests("WritTrust", ["TrustFixture"]),
    .target(
        name: "WritRegistry", dependencies: ["Writ"] + cryptography, path: "Sources/Host/WritRegistry",
        exclude: ["README.md"], swiftSettings: strict),
    tests("WritRegistry"),
]

let package = Package(
    name: "writ",
    products: embedded
        ? []
        : [.library(name: "Writ", targets: ["Writ"])]
            + (coreOnly
                ? []
                : keysOnly
                    ? [.library(name: "WritHostBuiltins", targets: ["WritHostBuiltins"])]
                    : [.executable(name: "writ", targets: ["writ"])]),
    dependencies: coreOnly || embedded
        ? []
        : [.package(url: "https://github.com/jpsim/Yams", from: "6.2.0")]
            + (light ? [] : [.package(url: "https://github.com/apple/swift-crypto", from: "4.5.0")])
            + (keysOnly
                ? []
                : [
                    .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
                    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
                ])
            + (light || keysOnly
                ? []
                : [
                    .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
                    .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.30.0"),
                    .package(url: "https://github.com/apple/swift-nio-http2", from: "1.40.0"),
                ]),
    targets: decisionCore + languages
        + (embedded
            ? []
            : facade + coreTests + (coreOnly ? [] : hostLibraries) + (coreOnly || keysOnly ? [] : services + keyedTests)
                + (coreOnly || keysOnly || light ? [] : trust))
)
