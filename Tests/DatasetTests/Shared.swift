import CLinux
import Dataset

/// Recordings beside the checkout: KATYDID_SHARED, else ../shared.
enum Shared {
    static let checkout = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3).joined(separator: "/")
    static let data = (getenv("KATYDID_SHARED").map { String(cString: $0) } ?? checkout + "/../shared") + "/data"
    static let isThere = access(data + "/manifest.csv", R_OK) == 0
    static let words = ["_silence_", "_unknown_", "yes", "no", "up", "down", "left", "right", "on", "off", "stop", "go"]
}
