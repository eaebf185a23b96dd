// swift-tools-version: 6.1
import PackageDescription

// A package of its own, so that an ordinary build and test know nothing of sanitisers. run.sh builds it.
let package = Package(
    name: "fuzz",
    dependencies: [.package(name: "katydid", path: "../..")],
    targets: [
        .executableTarget(name: "fuzz", dependencies: [.product(name: "KatydidRuntime", package: "katydid")],
            swiftSettings: [.enableExperimentalFeature("Extern")])
    ],
    swiftLanguageModes: [.v6]
)
