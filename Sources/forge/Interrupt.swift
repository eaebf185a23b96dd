import Foundation

/// Ctrl-C and SIGTERM: what runs sees it, saves and ends.
enum Interrupt {
    nonisolated(unsafe) private static var flag: sig_atomic_t = 0

    static func watch() {
        for number in [SIGINT, SIGTERM] {
            signal(number) { _ in Interrupt.flag = 1 }
        }
    }

    static var isAsked: Bool { flag != 0 }
}
