import Foundation

/// How the learning rate goes over a training.
public enum Schedule: String, Codable, Sendable {
    case constant
    /// Up in a straight line for `warmUp` of the way, then down by half a cosine (Loshchilov and Hutter 2017).
    case cosine
    /// Up by half a cosine for 30 % of the way, then down (Smith and Topin 2019).
    case oneCycle

    /// Factor of the highest rate at `progress`, 0…1.
    public func factor(_ progress: Double, warmUp: Double = 0.05) -> Double {
        func half(_ x: Double) -> Double { (1 + cos(.pi * min(max(x, 0), 1))) / 2 }
        switch self {
        case .constant: return 1
        case .cosine: return progress < warmUp ? max(progress / warmUp, 1e-3) : half((progress - warmUp) / (1 - warmUp))
        case .oneCycle: return progress < 0.3 ? 0.04 + 0.96 * (1 - half(progress / 0.3)) : half((progress - 0.3) / 0.7)
        }
    }
}
