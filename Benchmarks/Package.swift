// swift-tools-version: 6.2
import PackageDescription

// A package of its own, so that users of the library resolve nothing of it. Build with WRIT_SCOPE=keys, which leaves
// the network, the services and their packages out, or with WRIT_SCOPE=core, where the driver has no tokens either.
let settings: [SwiftSetting] = [.swiftLanguageMode(.v6), .treatAllWarnings(as: .error)]
let hasKeys = Context.environment["WRIT_SCOPE"] == "keys"

let package = Package(
    name: "writ-benchmarks",
    products: [
        .executable(name: "writ-driver", targets: ["writ-driver"]),
        .executable(name: "micro", targets: ["micro"]),
        .executable(name: "data-patch", targets: ["data-patch"]),
        .executable(name: "image", targets: ["image"]),
        .executable(name: "string-experiment", targets: ["StringExperiment"]),
    ],
    dependencies: [.package(name: "writ", path: "..")],
    targets: [
        .executableTarget(
            name: "writ-driver",
            dependencies: [.product(name: "Writ", package: "writ")]
                + (hasKeys ? [.product(name: "WritHostBuiltins", package: "writ")] : []),
            path: "Sources/writ-driver", swiftSettings: settings + (hasKeys ? [.define("WRIT_KEYS")] : [])),
        .executableTarget(
            name: "micro", dependencies: [.product(name: "Writ", package: "writ")], path: "Sources/micro",
            swiftSettings: settings),
        .executableTarget(
            name: "data-patch", dependencies: [.product(name: "Writ", package: "writ")], path: "Sources/data-patch",
            swiftSettings: settings),
        .executableTarget(
            name: "image", dependencies: [.product(name: "Writ", package: "writ")], path: "Sources/image",
            swiftSettings: settings),
        .executableTarget(
            name: "StringExperiment", dependencies: [.product(name: "Writ", package: "writ")],
            path: "Sources/StringExperiment", swiftSettings: settings),
    ]
)
