// swift-tools-version: 6.1
import PackageDescription

// Device targets come first and compile both as ordinary Swift and as Embedded Swift
// (Firmware/cross). Arrows point up this file only: a target depends on what stands above it.

/// Kernels are the definition of our arithmetic: no compiler may fuse or reorder their floats.
let kernelFlags: [CSetting] = [.unsafeFlags(["-O3", "-ffp-contract=off", "-fno-math-errno", "-fwrapv"])]

/// Operators of transformers and kernels of many lanes. Firmware/cross leaves them out unless told otherwise: on a board every KB counts.
let transformers: [SwiftSetting] = Context.environment["KATYDID_TRANSFORMERS"] == "0" ? [] : [.define("TRANSFORMERS")]

/// MQTT by way of libmosquitto: only for who asks for it is the library needed, and anything of this in the program.
let hasMQTT = Context.environment["KATYDID_MQTT"] == "1"
let mqtt: [SwiftSetting] = hasMQTT ? [.define("MQTT")] : []

/// Training may add in any order, so that sums run in vectors.
let trainingFlags: [CSetting] = [
    .unsafeFlags(["-O3", "-fno-math-errno", "-fassociative-math", "-fno-signed-zeros", "-fno-trapping-math", "-ffp-contract=fast"])
]

/// Training walks millions of numbers: unoptimised, its tests would take minutes.
let hostSpeed: [SwiftSetting] = [.unsafeFlags(["-O"])]

let package = Package(
    name: "katydid",
    products: [
        .executable(name: "katydid", targets: ["katydid"]),
        .executable(name: "katydid-forge", targets: ["katydid-forge"]),
        // What reads bytes from outside: for Tests/Fuzz, which is a package of its own.
        .library(name: "KatydidRuntime", targets: ["AudioCapture", "CLinux", "Interpreter", "KeywordSpotting", "ModelFormat", "Support", "Wyoming"]),
        // A plugin that libasound loads in tests.
        .library(name: "pcm_filemic", type: .dynamic, targets: ["FileMicrophone"]),
    ],
    dependencies: [
        // The host's programs only: the board's read their options with getopt_long(3).
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/swiftcsv/SwiftCSV", from: "0.10.0"),
    ],
    targets: [
        .target(name: "CKernels", cSettings: kernelFlags, linkerSettings: [.linkedLibrary("m")]),
        .target(name: "CLinux", linkerSettings: [.linkedLibrary("m")]),
        .systemLibrary(name: "CALSA", pkgConfig: "alsa", providers: [.apt(["libasound2-dev"])]),
        .systemLibrary(name: "CGPIOD", pkgConfig: "libgpiod", providers: [.apt(["libgpiod-dev"])]),
        .systemLibrary(name: "CJSON", pkgConfig: "libcjson", providers: [.apt(["libcjson-dev"])]),
        .systemLibrary(name: "CINI", pkgConfig: "inih", providers: [.apt(["libinih-dev"])]),

        .target(name: "Support", dependencies: ["CLinux"]),
        .target(name: "KernelCheck", dependencies: ["CKernels"]),
        .target(name: "ModelFormat", dependencies: ["Support"]),
        .target(
            name: "Interpreter", dependencies: ["CKernels", "CLinux", "ModelFormat", "Support"], exclude: ["README.md"],
            swiftSettings: transformers),
        .target(name: "Sockets", dependencies: ["CLinux", "Support"]),
        .target(name: "Telemetry", dependencies: ["CLinux", "Sockets", "Support"]),
        .target(name: "AudioFrontend", dependencies: ["CKernels", "Support"]),
        .target(name: "KeywordSpotting", dependencies: ["AudioFrontend", "CJSON", "Interpreter", "ModelFormat", "Support"]),
        .target(name: "Wyoming", dependencies: ["AudioFrontend", "CLinux", "KeywordSpotting", "Sockets", "Support"]),
        .target(name: "AudioCapture", dependencies: ["AudioFrontend", "CALSA", "CLinux", "Support"]),
        .target(name: "GPIO", dependencies: ["CGPIOD", "CLinux", "Support"]),
        .executableTarget(
            name: "katydid",
            dependencies: [
                "AudioCapture", "AudioFrontend", "CINI", "CKernels", "CLinux", "GPIO", "Interpreter",
                "KernelCheck", "KeywordSpotting", "ModelFormat", "Sockets", "Support", "Telemetry", "Wyoming",
            ], swiftSettings: mqtt),

        // From here on the host only.
        .systemLibrary(name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
        .systemLibrary(name: "CSndFile", pkgConfig: "sndfile", providers: [.apt(["libsndfile1-dev"])]),
        .systemLibrary(name: "CSonic", providers: [.apt(["libsonic-dev"])]),
        .target(name: "CTraining", cSettings: trainingFlags, linkerSettings: [.linkedLibrary("m")]),
        .target(
            name: "Dataset",
            dependencies: [
                "AudioCapture", "AudioFrontend", "CLinux", "CSndFile", "CSonic", "Support",
                .product(name: "SwiftCSV", package: "SwiftCSV"),
            ],
            swiftSettings: hostSpeed),
        .target(name: "Training", dependencies: ["CLinux", "COpenBLAS", "CTraining", "Support"], swiftSettings: hostSpeed),
        .target(
            name: "Compression", dependencies: ["CLinux", "Interpreter", "ModelFormat", "Support", "Training"], swiftSettings: hostSpeed),
        .target(
            name: "Evaluation", dependencies: ["AudioFrontend", "CLinux", "Dataset", "Interpreter", "KeywordSpotting", "ModelFormat", "Support"],
            swiftSettings: hostSpeed),
        .executableTarget(
            name: "katydid-forge",
            dependencies: [
                "AudioFrontend", "CLinux", "Compression", "Dataset", "Evaluation", "Interpreter", "KeywordSpotting", "ModelFormat", "Support", "Training",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ], path: "Sources/forge"),

        .target(name: "Recordings", dependencies: ["CLinux", "Dataset", "Support"], path: "Tests/Fixtures/Recordings"),
        .testTarget(name: "DatasetTests", dependencies: ["AudioFrontend", "CLinux", "CSndFile", "Dataset", "Microphones", "Recordings", "Support"]),
        .testTarget(
            name: "EvaluationTests", dependencies: ["CLinux", "Dataset", "Evaluation", "GoldenFiles", "KeywordSpotting", "Recordings", "Support"]),
        .testTarget(name: "TrainingTests", dependencies: ["CLinux", "GoldenFiles", "Support", "Training"]),
        .testTarget(
            name: "CompressionTests", dependencies: ["CLinux", "Compression", "GoldenFiles", "Interpreter", "ModelFormat", "Support", "Training"]),
        .testTarget(name: "CKernelsTests", dependencies: ["CKernels", "CLinux", "KernelCheck"]),
        .testTarget(name: "SupportTests", dependencies: ["Support"]),
        .target(
            name: "FileMicrophone", path: "Tests/Fixtures/FileMicrophone",
            linkerSettings: [.linkedLibrary("asound")]),
        .target(name: "Microphones", dependencies: ["CLinux"], path: "Tests/Fixtures/Microphones"),
        .target(name: "Connections", path: "Tests/Fixtures/Connections"),
        .target(name: "GoldenFiles", dependencies: ["CLinux", "Support"], path: "Tests/Fixtures/GoldenFiles"),
        .testTarget(name: "ModelFormatTests", dependencies: ["CLinux", "GoldenFiles", "ModelFormat", "Support"]),
        .testTarget(
            name: "InterpreterTests", dependencies: ["CKernels", "CLinux", "GoldenFiles", "Interpreter", "ModelFormat", "Support"]),
        .testTarget(
            name: "KeywordSpottingTests",
            dependencies: ["AudioCapture", "AudioFrontend", "CLinux", "GoldenFiles", "Interpreter", "KeywordSpotting", "ModelFormat", "Support"]),
        .testTarget(name: "SocketsTests", dependencies: ["CLinux", "Connections", "Sockets", "Support"]),
        .testTarget(name: "TelemetryTests", dependencies: ["CLinux", "Connections", "Sockets", "Support", "Telemetry"]),
        .testTarget(name: "WyomingTests", dependencies: ["Support", "Wyoming"]),
        .testTarget(name: "CommandTests", dependencies: ["CLinux", "Connections", "Interpreter", "Microphones", "ModelFormat", "Support", "katydid"]),
        .testTarget(name: "GPIOTests", dependencies: ["CLinux", "GPIO", "Support"]),
        .testTarget(name: "AudioCaptureTests", dependencies: ["AudioCapture", "CLinux", "Microphones", "Support"]),
        .testTarget(name: "AudioFrontendTests", dependencies: ["AudioFrontend", "CKernels", "CLinux", "Support"]),
    ],
    swiftLanguageModes: [.v6]
)

if hasMQTT {
    package.targets += [
        .systemLibrary(name: "CMosquitto", pkgConfig: "libmosquitto", providers: [.apt(["libmosquitto-dev"])]),
        .target(name: "MQTT", dependencies: ["CLinux", "CMosquitto", "Support"]),
    ]
    package.targets.first { $0.name == "katydid" }?.dependencies.append("MQTT")
}
